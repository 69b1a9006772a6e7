import { ImproperlyConfigured } from '@rf/exceptions';
import { Field } from './field.ts';
import { NestedField } from './nested-field.ts';
import { isNestable, RECIPE } from './protocol.ts';
import { UnvalidatedField } from './unvalidated-field.ts';

/** What may be a `child`: a field, or a serializer made with `new`. */
export type ChildOption = Field | object;

/** The child as a bound field of its own. */
export function childField(given: unknown, name: string, owner: string): Field {
  let child: Field;
  if (given === undefined) child = new UnvalidatedField();
  else if (given instanceof Field) child = given.isBound ? given.rebuilt() : given;
  else if (isNestable(given)) child = new NestedField(given[RECIPE].type, given[RECIPE].options as object);
  else {
    throw new ImproperlyConfigured(
      `${owner}.${name}: \`child\` is not a field. Write an instance: \`child: new CharField()\`.`,
    );
  }
  if (child.options.source !== undefined) {
    throw new ImproperlyConfigured(
      `${owner}.${name}: the \`source\` option is not meaningful for a \`child\`. Remove it from the child.`,
    );
  }
  child.bind('', owner);
  return child;
}
