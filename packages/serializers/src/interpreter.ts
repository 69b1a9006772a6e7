import { type Detail, ErrorDetail, ValidationError } from '@rf/exceptions';
import { asSerializerError, boundFields, type CompilableClass, hookName, setValue } from './compiled-serializer.ts';
import type { Field } from './field.ts';
import { isForm } from './html-form.ts';
import { SkipField } from './outcome.ts';
import { defineOwn } from './own-property.ts';
import { type Nestable, WALK_IN, WALK_OUT } from './protocol.ts';
import { typeName } from './python-text.ts';
import { SCOPE, type Scope, type Scoped } from './scope.ts';
import { runValidator, type Validator } from './validator.ts';

/*
 * The same rules as the compiled form, walked through field by field with the fields' own methods: slow, and short
 * enough to be read against the reference. Tests compare the two.
 */

/** What the walk calls of a serializer. */
export interface Walkable extends Scoped {
  validate(attrs: never): unknown;
}

function fieldsOf(serializer: Walkable): Iterable<Field> {
  return boundFields(typeOf(serializer)).values();
}

function typeOf(serializer: Walkable): CompilableClass {
  return serializer.constructor as unknown as CompilableClass;
}

/** Reads every field. @throws ValidationError by field */
async function convert(serializer: Walkable, data: unknown): Promise<unknown> {
  const scope = serializer[SCOPE];
  const { nonFieldErrorsKey } = scope.settings;
  if (!isForm(data) && typeName(data) !== 'dict') {
    const text = `Invalid data. Expected a dictionary, but got ${typeName(data)}.`;
    throw new ValidationError({ [nonFieldErrorsKey]: [text] }, 'invalid');
  }
  const input = data as Readonly<Record<string, unknown>>;
  const values: Record<string, unknown> = {};
  const errors: { [key: string]: Detail } = {};
  for (const key of unknownKeys(serializer, input))
    defineOwn(errors, key, [new ErrorDetail('Unknown field.', 'unknown')]);
  for (const field of fieldsOf(serializer)) {
    if (field.readOnly) continue;
    try {
      let value: unknown = await field.runValidation(field.getValue(input, scope), scope);
      const hook = hookName(typeOf(serializer), 'validate', field.fieldName);
      if (hook !== null) {
        value = await (serializer as unknown as Record<string, (value: unknown) => unknown>)[hook]?.(value);
      }
      setValue(values, field.sourceAttrs, value);
    } catch (error) {
      if (error instanceof ValidationError) defineOwn(errors, field.fieldName, error.detail);
      else if (!(error instanceof SkipField)) throw error;
    }
  }
  if (Object.keys(errors).length > 0) throw new ValidationError(errors);
  return values;
}

function unknownKeys(serializer: Walkable, input: Readonly<Record<string, unknown>>): string[] {
  const policy = typeOf(serializer).unknownFields ?? serializer[SCOPE].settings.unknownFields;
  if (policy === 'ignore') return [];
  const fields = boundFields(typeOf(serializer));
  if (!isForm(input)) return Object.keys(input).filter((key) => !fields.has(key));
  return [...(input as unknown as Map<string, unknown>).keys()].filter(
    (key) => !fields.has(key) && !fields.has(key.split(/[[.]/)[0] as string) && key !== 'csrfmiddlewaretoken',
  );
}

/**
 * Validates input as {@link convert} reads it, then as a whole.
 *
 * @throws ValidationError
 */
export async function walkIn(
  serializer: Walkable,
  data: unknown,
  own: ((data: unknown) => unknown) | null,
  validators: readonly Validator<never>[],
): Promise<unknown> {
  const value = await (own === null ? convert(serializer, data) : own(data));
  const scope = serializer[SCOPE];
  try {
    await checkObject(await withDefaults(serializer, value), validators, scope);
    return await serializer.validate(value as never);
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    throw new ValidationError(asSerializerError(error.detail, scope.settings.nonFieldErrorsKey));
  }
}

async function withDefaults(serializer: Walkable, value: unknown): Promise<unknown> {
  const scope = serializer[SCOPE];
  const result: Record<string, unknown> = {};
  for (const field of fieldsOf(serializer)) {
    if (!field.readOnly || !field.hasDefault || field.source === '*' || field.source.includes('.')) continue;
    try {
      defineOwn(result, field.source, await field.getDefault(scope));
    } catch (error) {
      if (!(error instanceof SkipField)) throw error;
    }
  }
  return Object.assign(result, value);
}

async function checkObject(value: unknown, validators: readonly Validator<never>[], scope: Scope): Promise<void> {
  const errors: ErrorDetail[] = [];
  for (const validator of validators) {
    try {
      await runValidator(validator, value, scope, null);
    } catch (error) {
      if (!(error instanceof ValidationError) || !Array.isArray(error.detail)) throw error;
      errors.push(...(error.detail as ErrorDetail[]));
    }
  }
  if (errors.length > 0) throw new ValidationError(errors);
}

/** Shows an object field by field. */
export async function walkOut(serializer: Walkable, instance: unknown): Promise<Record<string, unknown>> {
  const scope = serializer[SCOPE];
  const result: Record<string, unknown> = {};
  for (const field of fieldsOf(serializer)) {
    if (field.writeOnly) continue;
    try {
      const value = await field.getAttribute(instance, scope);
      defineOwn(result, field.fieldName, value === null ? null : await field.toRepresentation(value as never, scope));
    } catch (error) {
      if (!(error instanceof SkipField)) throw error;
    }
  }
  return result;
}

/**
 * Validates input without the compiled form: what `isValid` does, slowly. For tests that compare the two.
 *
 * @throws ValidationError
 */
export async function interpretValidation(serializer: Nestable, data: unknown): Promise<unknown> {
  return serializer[WALK_IN](data);
}

/** Shows an object without the compiled form: what `represent` does, slowly. For tests that compare the two. */
export async function interpretRepresentation(serializer: Nestable, instance: unknown): Promise<unknown> {
  return serializer[WALK_OUT](instance);
}
