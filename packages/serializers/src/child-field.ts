import { ImproperlyConfigured } from '@rf/exceptions';
import { Field } from './field.ts';
import { NestedField } from './nested-field.ts';
import { isNestable, type Nestable, RECIPE } from './protocol.ts';
import { UnvalidatedField } from './unvalidated-field.ts';

/** What may be declared as a field: a field, or a serializer made with `new`. */
export type Declared = Field | Nestable;

/** True for what may be declared as a field. */
export function isDeclared(value: unknown): value is Declared {
  return value instanceof Field || isNestable(value);
}

/** A field that is not bound yet. */
export function unbound(declared: Declared): Field {
  if (!(declared instanceof Field)) {
    const { type, options } = declared[RECIPE];
    return new NestedField(type, options as object);
  }
  return declared.isBound ? declared.rebuilt() : declared;
}

/** The child of a list or dictionary, bound to a place without a name; anything goes where none is given. */
export function childField(given: unknown, name: string, owner: string): Field {
  if (given !== undefined && !isDeclared(given)) {
    throw new ImproperlyConfigured(
      `${owner}.${name}: \`child\` is not a field. Write an instance: \`child: new CharField()\`.`,
    );
  }
  const child = given === undefined ? new UnvalidatedField() : unbound(given);
  if (child.options.source !== undefined) {
    throw new ImproperlyConfigured(
      `${owner}.${name}: the \`source\` option is not meaningful for a \`child\`. Remove it from the child.`,
    );
  }
  child.bind('', owner);
  return child;
}
