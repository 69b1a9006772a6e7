import type { EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { neededBy } from './entity-field.ts';
import type { EntityClass } from './substitutable.ts';

/**
 * What has to be read of one entity: columns, related entities, numbers of related entities.
 *
 * Everybody who reads adds here, so that one statement serves them all. A need is one place in the tree: the publisher
 * of a book and the publisher of an author's books are two needs.
 */
export class Need {
  readonly columns = new Set<ColumnMetadata>();
  readonly toOne = new Map<string, Edge>();
  readonly toMany = new Map<string, Edge>();
  readonly counts = new Map<string, RelationMetadata>();
  /** True when code reads an object with all columns. */
  isWhole = false;
  /** Who reads objects of this need, for errors: `BookSerializer.onSale`. */
  readonly readers = new Set<string>();
  /** Members that were added: one may need the other, and both each other. */
  readonly #members = new Set<string>();

  constructor(
    readonly metadata: EntityMetadata,
    /** Where it stands below the root, dotted; empty for the root. */
    readonly path: string,
  ) {}

  /** The class of the entity. */
  get entity(): EntityClass {
    return this.metadata.target as EntityClass;
  }

  /** The place of a related entity, or of related entities. */
  edge(relation: RelationMetadata): Edge {
    const edges = isToMany(relation) ? this.toMany : this.toOne;
    const known = edges.get(relation.propertyPath);
    if (known !== undefined) return known;
    const path = this.path === '' ? relation.propertyPath : `${this.path}.${relation.propertyPath}`;
    const edge = { relation, need: new Need(relation.inverseEntityMetadata, path) };
    edge.need.addKey();
    edges.set(relation.propertyPath, edge);
    return edge;
  }

  /** All columns that TypeORM selects by itself. */
  addAllColumns(): void {
    this.isWhole = true;
    for (const column of this.metadata.columns) {
      if (column.isSelect && !column.isVirtual) this.columns.add(column);
    }
    this.addKey();
  }

  addKey(): void {
    for (const column of this.metadata.primaryColumns) this.columns.add(column);
  }

  /**
   * Adds what reading `path` takes: columns, relations, `relation.length`, members that are declared with `@needs`.
   *
   * @param reader who reads it
   */
  addPath(path: string, reader: string): void {
    const source = this.resolve(path.split('.'));
    source.need.addSource(source, reader);
  }

  private addSource(source: Source, reader: string): void {
    switch (source.kind) {
      case 'self':
        this.addAllColumns();
        this.readers.add(reader);
        break;
      case 'column':
        this.addColumn(source.column);
        break;
      case 'related':
        source.edge.need.addAllColumns();
        source.edge.need.readers.add(reader);
        break;
      case 'count':
        this.counts.set(source.relation.propertyPath, source.relation);
        break;
      case 'member': {
        const [name, ...rest] = source.rest as [string, ...string[]];
        const relation = this.metadata.findRelationWithPropertyPath(name);
        // Beyond a list, the path goes on from each of its entities.
        if (relation !== undefined && isToMany(relation)) this.edge(relation).need.addPath(rest.join('.'), reader);
        else this.addMember(name, reader);
        break;
      }
    }
  }

  /** Adds a column for who reads objects: the key of a related one is found in that object. */
  private addColumn(column: ColumnMetadata): void {
    const { relationMetadata, referencedColumn } = column;
    if (relationMetadata === undefined || referencedColumn === undefined || !column.isVirtual) this.columns.add(column);
    else this.edge(relationMetadata).need.columns.add(referencedColumn);
  }

  /** Adds what a getter or method reads: what `@needs` says, else all columns. */
  addMember(member: string, reader: string): void {
    this.readers.add(reader);
    if (this.#members.has(member)) return;
    this.#members.add(member);
    const paths = neededBy(this.entity, member);
    if (paths === undefined) this.addAllColumns();
    else for (const path of paths) this.addPath(path, reader);
  }

  /** Follows a path from here. To-one relations on the way are entered. */
  resolve(path: readonly string[]): Source {
    return this.#resolve(path, []);
  }

  #resolve(path: readonly string[], through: readonly Edge[]): Source {
    if (path.length === 0) return { kind: 'self', need: this, through };
    // Columns and relations of an embedded class have paths of several steps.
    for (let length = path.length; length > 0; length -= 1) {
      const name = propertyName(this.metadata, path.slice(0, length).join('.'));
      const rest = path.slice(length);
      const relation = this.metadata.findRelationWithPropertyPath(name);
      if (relation !== undefined) return this.#through(relation, rest, through, path);
      if (length < path.length) continue;
      const column = this.metadata.findColumnWithPropertyPath(name);
      if (column !== undefined) return { kind: 'column', need: this, through, column };
    }
    return { kind: 'member', need: this, through, rest: path };
  }

  #through(
    relation: RelationMetadata,
    rest: readonly string[],
    through: readonly Edge[],
    path: readonly string[],
  ): Source {
    if (isToMany(relation)) {
      if (rest.length === 0) return { kind: 'related', need: this, through, edge: this.edge(relation), isList: true };
      if (rest.length === 1 && rest[0] === 'length') return { kind: 'count', need: this, through, relation };
      return { kind: 'member', need: this, through, rest: path };
    }
    const edge = this.edge(relation);
    if (rest.length === 0) return { kind: 'related', need: this, through, edge, isList: false };
    return edge.need.#resolve(rest, [...through, edge]);
  }
}

/** A related entity, or related entities, and what is needed of them. */
export interface Edge {
  readonly relation: RelationMetadata;
  readonly need: Need;
}

interface AnySource {
  /** Where the path ends. */
  readonly need: Need;
  /** To-one relations on the way; each may be null. */
  readonly through: readonly Edge[];
}

/** A path that ends in a column. */
export interface ColumnSource extends AnySource {
  readonly kind: 'column';
  readonly column: ColumnMetadata;
}

/** What a path leads to. */
export type Source =
  /** The entity itself. */
  | (AnySource & { readonly kind: 'self' })
  | ColumnSource
  | (AnySource & { readonly kind: 'related'; readonly edge: Edge; readonly isList: boolean })
  | (AnySource & { readonly kind: 'count'; readonly relation: RelationMetadata })
  /** A getter or method of the class, or what only the object knows; `rest` goes on from the entity. */
  | (AnySource & { readonly kind: 'member'; readonly rest: readonly string[] });

/** True for relations to several entities. */
export function isToMany(relation: RelationMetadata): boolean {
  return relation.isOneToMany || relation.isManyToMany;
}

/** `pk` stands for the only primary column. */
export function propertyName(metadata: EntityMetadata, name: string): string {
  const [key, ...others] = metadata.primaryColumns;
  if (name !== 'pk' || key === undefined || others.length > 0) return name;
  return metadata.hasColumnWithPropertyPath('pk') ? name : key.propertyPath;
}
