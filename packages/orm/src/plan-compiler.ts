import {
  type Field,
  isPromiseLike,
  ListSerializer,
  type Nestable,
  PRESENT,
  readAttribute,
  SCOPE,
  type Scope,
  SkipField,
} from '@rf/serializers';
import { codecOf } from './column-codec.ts';
import { type Hydrate, hydrator } from './hydrate.ts';
import type { Source } from './need.ts';
import { type NodeLayout, type RowLayout, slotAccess } from './plan-layout.ts';
import type { Program, Show, Step } from './plan-program.ts';

/**
 * Shows one row. What has to be awaited is put into `waiting` and fills its place by itself.
 *
 * @param scope that of the serializer that shows the row
 */
export type ShowRow = (row: unknown, scope: Scope, waiting: PromiseLike<unknown>[]) => unknown;

/** Makes a program one straight function from a statement's rows to plain data. */
export function compileProgram(program: Program, row: RowLayout): ShowRow {
  const compiler = new Compiler();
  const main = compiler.program(program, row.node, row);
  return compiler.build(main);
}

/** A field that is left out of the answer. */
const leftOut: unique symbol = Symbol('left out');

class Compiler {
  readonly #constants: unknown[] = [];
  readonly #functions: string[] = [];
  readonly #hydrators = new Map<NodeLayout, Hydrate>();
  #names = 0;

  build(main: string): ShowRow {
    const names = this.#constants.map((_constant, at) => `k${at}`);
    const code = `'use strict';\n${this.#functions.join('\n')}\nreturn ${main};`;
    // Every name in the code is an index or a JSON string; what comes from outside is a constant or a property name.
    return new Function(...names, code)(...this.#constants) as ShowRow;
  }

  /** A name for a value from outside. */
  constant(value: unknown): string {
    const known = this.#constants.indexOf(value);
    return `k${known === -1 ? this.#constants.push(value) - 1 : known}`;
  }

  /** A name that was not used yet. */
  variable(prefix: string): string {
    this.#names += 1;
    return `${prefix}${this.#names}`;
  }

  /** A name for what makes objects of a place in a row. */
  hydrate(row: RowLayout, node: NodeLayout): string {
    let hydrate = this.#hydrators.get(node);
    if (hydrate === undefined) this.#hydrators.set(node, (hydrate = hydrator(row, { node })));
    return this.constant(hydrate);
  }

  /** A function that shows the entities of a place; its name. */
  program(program: Program, node: NodeLayout, row: RowLayout): string {
    const name = this.variable('f');
    if (program.steps === null) {
      const present = this.constant((entity: unknown, scope: Scope) => (scope.serializer as Nestable)[PRESENT](entity));
      this.#functions.push(`function ${name}(r, s, w) { return ${present}(${this.hydrate(row, node)}(r), s); }`);
      return name;
    }
    const body = new Body(this, node, row);
    for (const step of program.steps) body.add(step);
    this.#functions.push(`function ${name}(r, s, w) {\n${body.code()}\n}`);
    return name;
  }
}

/** JavaScript for a value, and what it may turn out to be. */
interface Shown {
  readonly value: string;
  /** Perhaps a promise. */
  readonly settles?: boolean;
  /** Perhaps to be left out. */
  readonly skips?: boolean;
}

/** The body of a function that shows one kind of entity. */
class Body {
  readonly #before: string[] = [];
  readonly #entries: (Shown & { readonly key: string })[] = [];
  #instance: string | null = null;

  constructor(
    private readonly compiler: Compiler,
    private readonly node: NodeLayout,
    private readonly row: RowLayout,
  ) {}

  add({ name, field, source, show }: Step): void {
    const key = JSON.stringify(name);
    const shown = this.#shown(field, source, show);
    const absence = this.#absence(source.through);
    if (absence === null) {
      this.#entries.push({ key, ...shown });
      return;
    }
    const missing = this.#missing(field);
    this.#entries.push({
      key,
      value: `(${absence} ? ${missing.value} : ${shown.value})`,
      settles: shown.settles === true || missing.settles === true,
      skips: shown.skips === true || missing.skips === true,
    });
  }

  /** The statements of the function. */
  code(): string {
    const lines = [...this.#before];
    const firstSkipped = this.#entries.findIndex(({ skips }) => skips === true);
    const fixed = firstSkipped === -1 ? this.#entries : this.#entries.slice(0, firstSkipped);
    lines.push(`const o = {${fixed.map(({ key, value }) => `${key}: ${value}`).join(', ')}};`);
    for (const { key, value, skips } of this.#entries.slice(fixed.length)) {
      if (skips !== true) lines.push(`o[${key}] = ${value};`);
      else {
        const variable = this.compiler.variable('v');
        lines.push(`const ${variable} = ${value};`);
        lines.push(`if (${variable} !== ${this.compiler.constant(leftOut)}) o[${key}] = ${variable};`);
      }
    }
    for (const { key, settles } of this.#entries) {
      if (settles === true) lines.push(`${this.compiler.constant(settle)}(o, ${key}, w);`);
    }
    lines.push('return o;');
    return lines.join('\n');
  }

  /** An object of the entity at the end of a path; the row's own is made once. */
  instance(through: Source['through']): string {
    const hydrate = this.compiler.hydrate(this.row, this.#nodeOf(through));
    if (through.length > 0) return `${hydrate}(r)`;
    if (this.#instance === null) {
      this.#instance = this.compiler.variable('e');
      this.#before.push(`const ${this.#instance} = ${hydrate}(r);`);
    }
    return this.#instance;
  }

  /** What is shown of the value of a field. */
  #shown(field: Field, source: Source, show: Show): Shown {
    switch (show.kind) {
      case 'raw': {
        const raw = this.#slot(source as Source & { kind: 'column' });
        if (show.convert === null) return { value: raw };
        return { value: `(${raw} === null ? null : ${this.compiler.constant(show.convert)}(${raw}))` };
      }
      case 'value':
        return this.#presented(this.#decoded(source as Source & { kind: 'column' }), show.present);
      case 'count': {
        const count = this.#count(source as Source & { kind: 'count' });
        return show.present === null ? { value: count } : this.#presented(count, show.present);
      }
      case 'nested':
        return { value: this.#nested(source, show), settles: show.program.steps === null };
      case 'property':
        return { value: this.#property(source, show), settles: show.present !== null };
      case 'object':
        return this.#presented(this.#objects(source), show.present);
      case 'member': {
        const { rest } = source as Source & { kind: 'member' };
        const read = this.compiler.constant((entity: unknown, scope: Scope) => memberOf(entity, rest, field, scope));
        return {
          ...this.#presented(`${read}(${this.instance(source.through)}, s)`, show.present),
          skips: !field.required,
        };
      }
      case 'attribute': {
        const read = this.compiler.constant((entity: unknown, scope: Scope) => attributeOf(field, entity, scope));
        return { ...this.#presented(`${read}(${this.instance([])}, s)`, show.present), skips: true };
      }
    }
  }

  #nested(source: Source, show: Show & { kind: 'nested' }): string {
    const { field, program } = show;
    const scope = program.usesScope
      ? `${this.compiler.constant(nestedScope)}(${this.compiler.constant(field)}, s)`
      : 's';
    if (source.kind === 'self') {
      const node = this.#nodeOf(source.through);
      return `${this.compiler.program(program, node, this.row)}(r, ${scope}, w)`;
    }
    const { edge, isList } = source as Source & { kind: 'related' };
    const parent = this.#nodeOf(source.through);
    if (!isList) {
      const node = parent.toOne.get(edge.relation.propertyPath) as NodeLayout;
      const shown = `${this.compiler.program(program, node, this.row)}(r, ${scope}, w)`;
      return `(${this.#absent(node)} ? null : ${shown})`;
    }
    const { slot, row } = listOf(parent, edge.relation.propertyPath);
    const item = this.compiler.program(program, row.node, row);
    const items = `${this.compiler.constant(mapRows)}(${slotAccess(this.row, 'r', slot)}, ${item}, ${scope}, w)`;
    return program.steps === null ? `${this.compiler.constant(settled)}(${items})` : items;
  }

  #property(source: Source, show: Show & { kind: 'property' }): string {
    const parent = this.#nodeOf(source.through);
    if (source.kind === 'self') return this.#propertyAt(parent, this.row, 'r', show);
    const { edge, isList } = source as Source & { kind: 'related' };
    if (!isList) {
      const node = parent.toOne.get(edge.relation.propertyPath) as NodeLayout;
      return `(${this.#absent(node)} ? null : ${this.#propertyAt(node, this.row, 'r', show)})`;
    }
    const { slot, row } = listOf(parent, edge.relation.propertyPath);
    const value = this.#propertyAt(row.node, row, 'i', show);
    const list = slotAccess(this.row, 'r', slot);
    if (value === 'i') return `(${list} ?? [])`;
    const mapped = `(${list} ?? []).map((i) => ${value})`;
    return show.present === null ? mapped : `${this.compiler.constant(settled)}(${mapped})`;
  }

  /** A property of the entity at a place, which is there. */
  #propertyAt(start: NodeLayout, row: RowLayout, variable: string, show: Show & { kind: 'property' }): string {
    let node = start;
    const absences: string[] = [];
    for (const { relation } of show.at.through) {
      node = node.toOne.get(relation.propertyPath) as NodeLayout;
      absences.push(`${slotAccess(row, variable, node.presence as number)} === null`);
    }
    const slot = node.slots.get(show.at.column) as number;
    const raw = slotAccess(row, variable, slot);
    const { decode } = codecOf(show.at.column);
    const value = decode === null ? raw : `${this.compiler.constant(decode)}(${raw})`;
    const shown = show.present === null ? value : `${this.compiler.constant(show.present)}(${value}, s)`;
    return absences.length === 0 ? shown : `(${absences.join(' || ')} ? null : ${shown})`;
  }

  /** Objects for fields that look at them. */
  #objects(source: Source): string {
    if (source.kind === 'self') return this.instance(source.through);
    const { edge, isList } = source as Source & { kind: 'related' };
    const parent = this.#nodeOf(source.through);
    if (!isList) {
      const node = parent.toOne.get(edge.relation.propertyPath) as NodeLayout;
      return `${this.compiler.hydrate(this.row, node)}(r)`;
    }
    const { slot, row } = listOf(parent, edge.relation.propertyPath);
    const hydrate = this.compiler.hydrate(row, row.node);
    return `(${slotAccess(this.row, 'r', slot)} ?? []).map(${hydrate})`;
  }

  #slot(source: Source & { kind: 'column' }): string {
    const node = this.#nodeOf(source.through);
    return slotAccess(this.row, 'r', node.slots.get(source.column) as number);
  }

  #decoded(source: Source & { kind: 'column' }): string {
    const raw = this.#slot(source);
    const { decode } = codecOf(source.column);
    return decode === null ? raw : `${this.compiler.constant(decode)}(${raw})`;
  }

  #count({ through, relation }: Source & { kind: 'count' }): string {
    return slotAccess(this.row, 'r', this.#nodeOf(through).counts.get(relation.propertyPath) as number);
  }

  #nodeOf(through: Source['through']): NodeLayout {
    let node = this.node;
    for (const { relation } of through) node = node.toOne.get(relation.propertyPath) as NodeLayout;
    return node;
  }

  /** The condition under which an entity on the way is missing; null when there is none on the way. */
  #absence(through: Source['through']): string | null {
    if (through.length === 0) return null;
    return through.map((_edge, at) => this.#absent(this.#nodeOf(through.slice(0, at + 1)))).join(' || ');
  }

  #absent(node: NodeLayout): string {
    return `${slotAccess(this.row, 'r', node.presence as number)} === null`;
  }

  /** What is shown where a path leads through nothing. */
  #missing(field: Field): Shown {
    if (!field.hasDefault && field.allowNull) return { value: 'null' };
    const missing = this.compiler.constant((scope: Scope) => missingValue(field, scope));
    return { value: `${missing}(s)`, settles: field.hasDefault, skips: !field.hasDefault && !field.required };
  }

  #presented(value: string, present: Present): Shown {
    const show = this.compiler.constant(presentValue);
    return { value: `${show}(${value}, ${this.compiler.constant(present)}, s)`, settles: true };
  }
}

type Present = (value: unknown, scope: Scope) => unknown;

function listOf(node: NodeLayout, name: string): { slot: number; row: RowLayout } {
  return node.toMany.get(name) as { slot: number; row: RowLayout };
}

// What compiled code calls.

function presentValue(value: unknown, present: Present, scope: Scope): unknown {
  if (value === null || value === undefined) return null;
  if (value === leftOut) return leftOut;
  if (typeof value === 'object' && isPromiseLike(value))
    return value.then((item) => presentValue(item, present, scope));
  return present(value, scope);
}

function missingValue(field: Field, scope: Scope): unknown {
  const value = unlessSkipped(() => field.missingValue(null, scope));
  return presentValue(value, (item, at) => field.toRepresentation(item as never, at), scope);
}

function memberOf(entity: unknown, path: readonly string[], field: Field, scope: Scope): unknown {
  const value = readAttribute(entity, path);
  return value === undefined ? unlessSkipped(() => field.missingValue(entity, scope)) : value;
}

function attributeOf(field: Field, entity: unknown, scope: Scope): unknown {
  return unlessSkipped(() => field.getAttribute(entity, scope));
}

function unlessSkipped(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof SkipField) return leftOut;
    throw error;
  }
}

/** The scope of a nested serializer, or of the items of a nested list. */
function nestedScope(field: { nestedIn(scope: Scope): Nestable }, scope: Scope): Scope {
  const nested = field.nestedIn(scope);
  return nested instanceof ListSerializer ? nested.child[SCOPE] : nested[SCOPE];
}

function mapRows(
  rows: readonly unknown[] | null,
  show: ShowRow,
  scope: Scope,
  waiting: PromiseLike<unknown>[],
): unknown[] {
  if (rows === null) return [];
  const shown: unknown[] = [];
  for (let at = 0; at < rows.length; at += 1) shown.push(show(rows[at], scope, waiting));
  return shown;
}

/** The list, or a promise of it when items have to be awaited. */
function settled(items: unknown[]): unknown {
  return items.some(isPromiseLike) ? Promise.all(items) : items;
}

/** Puts a value in its place once it is there. */
function settle(target: Record<string, unknown>, key: string, waiting: PromiseLike<unknown>[]): void {
  const value = target[key];
  if (typeof value !== 'object' || value === null || !isPromiseLike(value)) return;
  waiting.push(
    value.then((shown) => {
      if (shown === leftOut) delete target[key];
      else target[key] = shown;
    }),
  );
}
