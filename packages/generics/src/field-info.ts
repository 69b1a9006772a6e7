import {
  BooleanField,
  boundFields,
  CharField,
  ChoiceField,
  type CompilableClass,
  DateField,
  DateTimeField,
  DecimalField,
  DictField,
  Duration,
  DurationField,
  EmailField,
  Field,
  FileField,
  FilePathField,
  FloatField,
  HiddenField,
  ImageField,
  IntegerField,
  IPAddressField,
  ListField,
  ListSerializer,
  type BaseSerializer,
  MultipleChoiceField,
  NestedField,
  RegexField,
  RelatedField,
  Serializer,
  SlugField,
  TimeField,
  URLField,
  UUIDField,
} from '@rf/serializers';

/** What is said about one field (MD02). */
export type FieldInfo = Record<string, unknown>;

type FieldClass = abstract new (...args: never[]) => Field;

/** The words for kinds of fields; the nearest class counts. */
const TYPES: ReadonlyMap<FieldClass, string> = new Map<FieldClass, string>([
  [Field, 'field'],
  [BooleanField, 'boolean'],
  [CharField, 'string'],
  [UUIDField, 'string'],
  [IPAddressField, 'string'],
  [URLField, 'url'],
  [EmailField, 'email'],
  [RegexField, 'regex'],
  [SlugField, 'slug'],
  [IntegerField, 'integer'],
  [FloatField, 'float'],
  [DecimalField, 'decimal'],
  [DateField, 'date'],
  [DateTimeField, 'datetime'],
  [TimeField, 'time'],
  [DurationField, 'duration'],
  [ChoiceField, 'choice'],
  [MultipleChoiceField, 'multiple choice'],
  [FilePathField, 'choice'],
  [FileField, 'file upload'],
  [ImageField, 'image upload'],
  [ListField, 'list'],
  [DictField, 'nested object'],
]);

/** Limits, by the names that they have in the answer. */
const LIMITS = {
  min_length: 'minLength',
  max_length: 'maxLength',
  min_value: 'minValue',
  max_value: 'maxValue',
  max_digits: 'maxDigits',
  decimal_places: 'decimalPlaces',
} as const;

/** What OPTIONS says about the fields of a serializer: each but the hidden ones, in order (MD02). */
export function describeFields(serializer: BaseSerializer): Record<string, FieldInfo> {
  const { constructor } = serializer instanceof ListSerializer ? serializer.child : serializer;
  return describeClass(constructor);
}

function describeClass(type: object): Record<string, FieldInfo> {
  const info: Record<string, FieldInfo> = {};
  if (!((type as { prototype: unknown }).prototype instanceof Serializer)) return info;
  for (const [name, field] of boundFields(type as CompilableClass)) {
    if (!(field instanceof HiddenField)) info[name] = describeField(field);
  }
  return info;
}

function describeField(field: Field): FieldInfo {
  const info: FieldInfo = { ...basics(field, typeOf(field)), ...limits(field) };
  if (field instanceof NestedField) {
    const children = describeClass(field.serializerClass);
    if (!field.many) return { ...info, children };
    // The items of a list have no name of their own.
    const { label: _label, help_text: _help, ...item } = basics(field, 'nested object');
    return { ...info, child: { ...item, children } };
  }
  if (field instanceof ListField || field instanceof DictField) info.child = describeField(field.child);
  if (field instanceof ChoiceField && !field.readOnly) {
    info.choices = [...field.choices].map(([value, label]) => ({ value, display_name: label }));
  }
  return info;
}

function basics(field: Field, type: string): FieldInfo {
  const info: FieldInfo = { type, required: field.required, read_only: field.readOnly };
  if (field.label !== '') info.label = field.label;
  if (field.helpText) info.help_text = field.helpText;
  return info;
}

function limits(field: Field): FieldInfo {
  const info: FieldInfo = {};
  if (field instanceof RelatedField) return info;
  const options = field.options as Readonly<Record<string, unknown>>;
  for (const [name, option] of Object.entries(LIMITS)) {
    const value = (field as unknown as Readonly<Record<string, unknown>>)[option] ?? options[option];
    if (value !== null && value !== undefined) info[name] = value instanceof Duration ? durationText(value) : value;
  }
  return info;
}

function typeOf(field: Field): string {
  if (field instanceof NestedField) return field.many ? 'field' : 'nested object';
  for (let at: unknown = field.constructor; typeof at === 'function'; at = Object.getPrototypeOf(at)) {
    const type = TYPES.get(at as FieldClass);
    if (type !== undefined) return type;
  }
  return 'field';
}

/** `2 days, 1:00:00`: a duration as the reference's language prints it. */
function durationText({ microseconds }: Duration): string {
  const day = 86_400_000_000n;
  // Days are rounded down, so that the rest is never negative.
  const days = (microseconds - (((microseconds % day) + day) % day)) / day;
  const rest = microseconds - days * day;
  const seconds = rest / 1_000_000n;
  const two = (value: bigint): string => String(value).padStart(2, '0');
  const clock = `${seconds / 3600n}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
  const micros = rest % 1_000_000n;
  const time = micros === 0n ? clock : `${clock}.${String(micros).padStart(6, '0')}`;
  if (days === 0n) return time;
  return `${days} day${days === 1n || days === -1n ? '' : 's'}, ${time}`;
}
