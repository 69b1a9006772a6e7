// Serializers
export {
  BaseSerializer,
  ListSerializer,
  type ListSerializerOptions,
  type SerializerErrors,
} from './base-serializer.ts';
export { Serializer, type SerializerClass } from './serializer.ts';
export type { SerializerOptions } from './serializer-options.ts';
export type { SerializerContext, SerializerSettings } from './settings.ts';
export { defaultSettings } from './settings.ts';
export type { Input, Instance, Representation, Saved, Validated, ValidatedData } from './inference.ts';

// Fields
export { CharField, type CharFieldOptions } from './char-field.ts';
export { Field } from './field.ts';
export type { FieldOptions } from './field-types.ts';
export { IntegerField, type IntegerFieldOptions } from './integer-field.ts';

// Defaults and validators
export { CreateOnlyDefault, CurrentUserDefault, type DefaultFunction, type DefaultObject } from './default.ts';
export { empty, Failure, SkipField } from './outcome.ts';
export type { Validator, ValidatorFunction, ValidatorObject } from './validator.ts';

// Extension points
export type { Awaitable } from './awaitable.ts';
export { SCOPE, Scope } from './scope.ts';
