import { type InnerList, type Item, serializeItem } from 'structured-headers';
import { SignatureError } from './signature-error.ts';

/** What a signature covers: a field or a derived component, and how its value is taken (RFC 9421, section 2). */
export interface Component {
  /** Lower case; derived components begin with `@`. */
  readonly name: string;
  /** As listed, `"content-type"` or `"@query-param";name="page"`. */
  readonly text: string;
  /** Same for the same component, whatever the order of its parameters. */
  readonly identity: string;
  /** `sf`: the value is spelled anew as a structured field. */
  readonly sf: boolean;
  /** `bs`: each line as a byte sequence. */
  readonly bs: boolean;
  /** `tr`: from the trailers. */
  readonly tr: boolean;
  /** `req`: from the request that is answered. */
  readonly req: boolean;
  /** `key`: one member of a dictionary. */
  readonly key: string | null;
  /** `name` of `@query-param`, percent-encoded. */
  readonly param: string | null;
}

const DERIVED: readonly string[] = [
  '@method',
  '@target-uri',
  '@authority',
  '@scheme',
  '@request-target',
  '@path',
  '@query',
  '@query-param',
  '@status',
];

const FIELD_NAME = /^[a-z0-9!#$%&'*+\-.^_`|~]+$/;

/** Reads the list of a `Signature-Input` member. Throws SignatureError for what is unknown, contradictory or listed twice. */
export function readComponents([items]: InnerList): Component[] {
  const seen = new Set<string>();
  return items.map((item) => {
    const component = readComponent(item);
    if (seen.has(component.identity)) throw new SignatureError(`${component.text} is covered twice`);
    seen.add(component.identity);
    return component;
  });
}

/** One component; see {@link readComponents}. */
export function readComponent(item: Item): Component {
  const [name, params] = item;
  if (typeof name !== 'string') throw new SignatureError('a covered component is no string');
  const text = serializeItem(item);
  const fail = (reason: string): never => {
    throw new SignatureError(`${text} ${reason}`);
  };
  const isDerived = name.startsWith('@');
  if (isDerived ? !DERIVED.includes(name) : !FIELD_NAME.test(name)) fail('is no component');

  const flags = { sf: false, bs: false, tr: false, req: false };
  const values: { key: string | null; name: string | null } = { key: null, name: null };
  for (const [param, value] of params) {
    if (Object.hasOwn(flags, param) && value === true) flags[param as keyof typeof flags] = true;
    else if (Object.hasOwn(values, param) && typeof value === 'string') values[param as keyof typeof values] = value;
    else fail(`has an unknown parameter ${param}`);
  }
  const { sf, bs, tr } = flags;
  if (isDerived && (sf || bs || tr || values.key !== null)) fail('takes no parameter of a field');
  if ((values.name !== null) !== (name === '@query-param'))
    fail('must have a name if it is @query-param, and only then');
  if (bs && (sf || values.key !== null)) fail('cannot be bytes and structured at once');
  const sorted = new Map([...params].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { name, text, identity: serializeItem([name, sorted]), ...flags, key: values.key, param: values.name };
}
