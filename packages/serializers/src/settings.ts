/** What a serializer reads from the project's settings (DRF's `REST_FRAMEWORK` keys in camelCase). */
export interface SerializerSettings {
  /** Key of errors that belong to no single field. Default `non_field_errors`. */
  readonly nonFieldErrorsKey: string;
  /** Errors of a list as an object by index (true, default) or as a list with `{}` for the good items. */
  readonly listSerializerErrorsAsDict: boolean;
  /** Keys no field reads: left alone (`ignore`, default) or an error each (`reject`). */
  readonly unknownFields: 'ignore' | 'reject';
  /** DecimalField shows text (true, default) or a number. */
  readonly coerceDecimalToString: boolean;
  /** BigIntegerField shows text (default false). */
  readonly coerceBigintToString: boolean;
  /** FileField shows the URL (true, default) or the name. */
  readonly uploadedFilesUseUrl: boolean;
  /** Knows where clients get the files whose names columns hold; null (default) for nobody. */
  readonly storage: { url(name: string): string } | null;
  /** Time zones are on (true, default): moments are shown in `timeZone`, input without an offset is taken to be in it. */
  readonly useTz: boolean;
  /** IANA name of the current zone. Default `UTC`. */
  readonly timeZone: string;
  /** `iso-8601` (default), a strftime format, or null for the value itself. */
  readonly datetimeFormat: string | null;
  readonly datetimeInputFormats: readonly string[];
  readonly dateFormat: string | null;
  readonly dateInputFormats: readonly string[];
  readonly timeFormat: string | null;
  readonly timeInputFormats: readonly string[];
  /** `django` (default), `iso-8601`, or null for the value itself. */
  readonly durationFormat: 'django' | 'iso-8601' | null;
}

/** DRF's defaults. */
export const defaultSettings: SerializerSettings = Object.freeze({
  nonFieldErrorsKey: 'non_field_errors',
  listSerializerErrorsAsDict: true,
  unknownFields: 'ignore',
  coerceDecimalToString: true,
  coerceBigintToString: false,
  uploadedFilesUseUrl: true,
  storage: null,
  useTz: true,
  timeZone: 'UTC',
  datetimeFormat: 'iso-8601',
  datetimeInputFormats: ['iso-8601'],
  dateFormat: 'iso-8601',
  dateInputFormats: ['iso-8601'],
  timeFormat: 'iso-8601',
  timeInputFormats: ['iso-8601'],
  durationFormat: 'django',
});

/**
 * What travels with a serializer to its fields, validators and hooks: usually `{ request, view, format }`.
 *
 * Settings are found in `settings`, else in `request.site.settings`, else they are {@link defaultSettings}.
 */
export interface SerializerContext {
  readonly settings?: object;
  readonly request?: unknown;
  readonly [key: string]: unknown;
}

const resolved = new WeakMap<object, SerializerSettings>();

/** The settings that hold in a context; the same object for the same project every time. */
export function settingsOf(context: SerializerContext): SerializerSettings {
  const given = context.settings ?? siteSettings(context.request);
  if (given === undefined) return defaultSettings;
  const known = resolved.get(given);
  if (known !== undefined) return known;
  const complete = completed(given as Readonly<Record<string, unknown>>);
  resolved.set(given, complete);
  return complete;
}

/** Serializers know nothing of HTTP: a request is whatever leads to the project's settings. */
function siteSettings(request: unknown): object | undefined {
  if (typeof request !== 'object' || request === null) return undefined;
  const site = (request as { site?: unknown }).site;
  if (typeof site !== 'object' || site === null) return undefined;
  const settings = (site as { settings?: unknown }).settings;
  return typeof settings === 'object' && settings !== null ? settings : undefined;
}

function completed(given: Readonly<Record<string, unknown>>): SerializerSettings {
  const result: Record<string, unknown> = { ...defaultSettings };
  let same = true;
  for (const key of Object.keys(defaultSettings)) {
    if (given[key] === undefined || given[key] === result[key]) continue;
    result[key] = given[key];
    same = false;
  }
  // Most projects change nothing here: sharing one object shares the compiled classes too.
  return same ? defaultSettings : (Object.freeze(result) as unknown as SerializerSettings);
}
