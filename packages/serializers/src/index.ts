// Serializers
export {
  BaseSerializer,
  ListSerializer,
  type ListSerializerClass,
  type ListSerializerOptions,
  type SerializerErrors,
} from './base-serializer.ts';
export { Serializer, type SerializerClass } from './serializer.ts';
export type { NestedFieldOptions, SerializerOptions } from './serializer-options.ts';
export { defaultSettings, type SerializerContext, type SerializerSettings } from './settings.ts';
export type { Input, Instance, Representation, Saved, Validated, ValidatedData } from './inference.ts';

// Fields: true or false, text
export { BooleanField } from './boolean-field.ts';
export { CharField, type CharFieldOptions } from './char-field.ts';
export { EmailField } from './email-field.ts';
export { FilePathField, type FilePathFieldOptions } from './file-path-field.ts';
export { IPAddressField, type IPAddressFieldOptions, type IPProtocol } from './ip-address-field.ts';
export { RegexField, type RegexFieldOptions } from './regex-field.ts';
export { SlugField, type SlugFieldOptions } from './slug-field.ts';
export { URLField } from './url-field.ts';
export { UUIDField, type UUIDFieldOptions, type UUIDFormat, uuidText } from './uuid-field.ts';

// Fields: numbers
export { BigIntegerField, type BigIntegerFieldOptions } from './big-integer-field.ts';
export { DecimalField, type DecimalFieldOptions } from './decimal-field.ts';
export { FloatField, type FloatFieldOptions } from './float-field.ts';
export { IntegerField, type IntegerFieldOptions } from './integer-field.ts';

// Fields: dates and times
export { DateField, type DateFieldOptions } from './date-field.ts';
export { DateTimeField, type DateTimeFieldOptions } from './date-time-field.ts';
export { DurationField, type DurationFieldOptions } from './duration-field.ts';
export { TimeField, type TimeFieldOptions } from './time-field.ts';

// Fields: choices and files
export {
  type Choice,
  ChoiceField,
  type ChoiceFieldOptions,
  type Choices,
  type ChoiceValue,
  type Option,
} from './choice-field.ts';
export { FileField, type FileFieldOptions, type FileInput, isFile } from './file-field.ts';
export { ImageField } from './image-field.ts';
export { MultipleChoiceField, type MultipleChoiceFieldOptions } from './multiple-choice-field.ts';

// Fields: composite
export { DictField, type DictFieldOptions } from './dict-field.ts';
export { HStoreField } from './hstore-field.ts';
export { JSONField, type JSONFieldOptions, type JSONValue } from './json-field.ts';
export { type JSONReadOptions, readJSON, writeJSON } from './json-text.ts';
export { ListField, type ListFieldOptions } from './list-field.ts';
export { NestedField } from './nested-field.ts';

// Fields: others
export { Field } from './field.ts';
export type { FieldOptions } from './field-types.ts';
export { HiddenField, type HiddenFieldOptions } from './hidden-field.ts';
export { ReadOnlyField } from './read-only-field.ts';
export { type Related, RelatedField, type RelatedFieldOptions } from './related-field.ts';
export { SerializerMethodField, type SerializerMethodFieldOptions } from './serializer-method-field.ts';

// Values
export { Decimal, type Rounding } from './decimal.ts';
export { Duration } from './duration.ts';
export { Moment } from './moment.ts';

// Defaults and validators
export { CreateOnlyDefault, CurrentUserDefault, type DefaultFunction, type DefaultObject } from './default.ts';
export { empty, Failure, SkipField } from './outcome.ts';
export type { Validator, ValidatorFunction, ValidatorObject } from './validator.ts';

// Extension points: fields and plans of your own
export { type Awaitable, andThen, isPromiseLike } from './awaitable.ts';
export { readAttribute } from './attribute.ts';
export type { Declared } from './child-field.ts';
export { boundFields, type CompilableClass } from './compiled-serializer.ts';
export { type Check, type Parser, pass, type Presenter } from './field.ts';
export type { FieldTypes, INPUT, OPTIONS, SHOWN, VALUE } from './field-types.ts';
export type { DERIVED, FieldMap, FieldTypesOf, Typed } from './inference.ts';
export { interpretRepresentation, interpretValidation } from './interpreter.ts';
export { failure, skip } from './outcome.ts';
export { isNestable, type Nestable, PRESENT, RECIPE, RUN } from './protocol.ts';
export { formatMessage, parseFloatText, parseInteger, pythonString, strip, typeName } from './python-text.ts';
export { guarded, presenterOf, type Runner, runnerOf } from './runner.ts';
export { SCOPE, Scope, type Scoped } from './scope.ts';
export { settingsOf } from './settings.ts';
export { runValidator } from './validator.ts';
