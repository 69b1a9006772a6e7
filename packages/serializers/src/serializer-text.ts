import { boundFields, type CompilableClass } from './compiled-serializer.ts';
import type { Field } from './field.ts';
import { NestedField } from './nested-field.ts';
import type { Recipe } from './protocol.ts';
import { argumentsText, keyText, sourceText } from './source-text.ts';

/** Options that belong to one use of a serializer, and may hold what no log should show. */
const NOT_SHOWN = new Set(['instance', 'data', 'context', 'child']);

/** All fields of a serializer with their options, one a line, as they could be declared (row SE25). */
export function serializerText({ type, options }: Recipe): string {
  return `${type.name}${argumentsText(withoutUse(options))}${bodyText(type as unknown as CompilableClass, 1)}`;
}

function withoutUse(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !NOT_SHOWN.has(name)));
}

function bodyText(type: CompilableClass, depth: number): string {
  if (typeof type.collectFields !== 'function') return '';
  const indent = '    '.repeat(depth);
  const lines = [...boundFields(type)].map(
    ([name, field]) => `\n${indent}${keyText(name)} = ${fieldText(field, depth)}`,
  );
  if (type.validators.length > 0) lines.push(`\n${indent}static validators = ${sourceText(type.validators)}`);
  return `:${lines.join('')}`;
}

function fieldText(field: Field, depth: number): string {
  if (!(field instanceof NestedField)) return String(field);
  const { serializerClass } = field;
  const head = `new ${serializerClass.name}${argumentsText(withoutUse(field.options))}`;
  return `${head}${bodyText(serializerClass as unknown as CompilableClass, depth + 1)}`;
}
