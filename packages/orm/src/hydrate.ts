import type { EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { codecOf } from './column-codec.ts';
import type { NodeLayout, RowLayout } from './plan-layout.ts';
import { slotReader } from './plan-layout.ts';
import { countedRelation, guardedPrototype, guardsObjects, refuseAccess } from './unplanned-access.ts';

/** Makes an entity of a row; null where the row says that there is none. */
export type Hydrate = (row: unknown) => object | null;

type Assign = (entity: Record<string, unknown>, row: unknown) => void;

export interface HydrateOptions {
  /** The place in the row; default: its root. */
  readonly node?: NodeLayout;
  /**
   * Which objects refuse, outside production, to be read where nothing was loaded: `all` (default) for objects that are only
   * looked at, `related` for one that may be stored and what hangs on it, `none` where all of them are written.
   */
  readonly guards?: 'all' | 'related' | 'none';
  /** Entities are made by their constructor, lazy relations and all, as TypeORM makes them; only for whole ones without guards. */
  readonly constructs?: boolean;
}

/** A function that makes entities of rows. */
export function hydrator(row: RowLayout, options: HydrateOptions = {}): Hydrate {
  const { node = row.node, guards = 'all', constructs = false } = options;
  const hydrator = new Hydrator(row, guardsObjects() && guards !== 'none', constructs);
  return hydrator.node(node, guardsObjects() && guards === 'all');
}

class Hydrator {
  constructor(
    private readonly row: RowLayout,
    /** Whether what hangs on the root refuses to be read where nothing was loaded. */
    private readonly guardsRelated: boolean,
    private readonly constructs: boolean,
  ) {}

  node(node: NodeLayout, isGuarded: boolean): Hydrate {
    const { need, presence } = node;
    const { metadata } = need;
    const assigns: Assign[] = [];
    const loaded = new Set<string>();
    for (const [column, slot] of node.slots) {
      // The key of a related entity belongs to that entity, not into its place.
      if (column.isVirtual && column.relationMetadata !== undefined) continue;
      loaded.add(column.propertyName);
      assigns.push(this.column(column, slot));
    }
    for (const [name, child] of node.toOne) {
      const relation = metadata.findRelationWithPropertyPath(name) as RelationMetadata;
      loaded.add(relation.propertyName);
      const hydrate = this.node(child, this.guardsRelated);
      assigns.push(relationAssign(relation, hydrate));
    }
    for (const [name, { slot, row }] of node.toMany) {
      const relation = metadata.findRelationWithPropertyPath(name) as RelationMetadata;
      loaded.add(relation.propertyName);
      const hydrate = hydrator(row, { guards: this.guardsRelated ? 'all' : 'none', constructs: this.constructs });
      const read = slotReader(this.row, slot);
      assigns.push(relationAssign(relation, (values) => ((read(values) as unknown[] | null) ?? []).map(hydrate)));
    }
    for (const [name, slot] of node.counts) {
      const relation = metadata.findRelationWithPropertyPath(name) as RelationMetadata;
      if (loaded.has(relation.propertyName)) continue;
      loaded.add(relation.propertyName);
      const read = slotReader(this.row, slot);
      const refuse = this.guardsRelated ? (): never => refuseAccess(need, name) : null;
      assigns.push(relationAssign(relation, (values) => countedRelation(read(values) as number, refuse)));
    }

    const make = this.maker(node, loaded, isGuarded);
    const { afterLoadListeners } = metadata;
    const present = presence === null ? null : slotReader(this.row, presence);
    return (values) => {
      if (present !== null && present(values) === null) return null;
      const entity = make(values);
      for (const assign of assigns) assign(entity, values);
      if (need.isWhole) for (const listener of afterLoadListeners) void listener.execute(entity);
      return entity;
    };
  }

  private column(column: ColumnMetadata, slot: number): Assign {
    const read = slotReader(this.row, slot);
    const { decode } = codecOf(column);
    const value = decode === null ? read : (values: unknown): unknown => decode(read(values));
    if (column.embeddedMetadata !== undefined) return (entity, values) => column.setEntityValue(entity, value(values));
    const name = column.propertyName;
    return (entity, values) => {
      entity[name] = value(values);
    };
  }

  /** Makes the object that columns and relations are put into; rows of a table with several kinds say which. */
  private maker(
    { need, slots }: NodeLayout,
    loaded: ReadonlySet<string>,
    isGuarded: boolean,
  ): (values: unknown) => Record<string, unknown> {
    const { metadata } = need;
    const slot = metadata.discriminatorColumn === undefined ? undefined : slots.get(metadata.discriminatorColumn);
    if (slot !== undefined && metadata.childEntityMetadatas.length > 0) {
      const read = slotReader(this.row, slot);
      const byKind = new Map(kindsOf(metadata).map((kind) => [kind.discriminatorValue, this.empty(kind)]));
      const other = this.empty(metadata);
      return (values) => (byKind.get(String(read(values))) ?? other)();
    }
    if (!isGuarded) return this.empty(metadata);
    const prototype = guardedPrototype(need, loaded);
    return () => Object.create(prototype) as Record<string, unknown>;
  }

  private empty(metadata: EntityMetadata): () => Record<string, unknown> {
    if (this.constructs) return () => metadata.create(undefined, { fromDeserializer: true }) as Record<string, unknown>;
    const { prototype } = metadata.target as { prototype: object };
    return () => Object.create(prototype) as Record<string, unknown>;
  }
}

function kindsOf(metadata: EntityMetadata): EntityMetadata[] {
  return [metadata, ...metadata.childEntityMetadatas.flatMap(kindsOf)];
}

function relationAssign(relation: RelationMetadata, read: (values: unknown) => unknown): Assign {
  if (relation.embeddedMetadata !== undefined) {
    return (entity, values) => relation.setEntityValue(entity, read(values));
  }
  const name = relation.propertyName;
  if (relation.isLazy) {
    return (entity, values) => {
      entity[name] = Promise.resolve(read(values));
    };
  }
  return (entity, values) => {
    entity[name] = read(values);
  };
}
