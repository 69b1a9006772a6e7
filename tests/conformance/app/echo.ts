import { Token } from '@rf/authtoken';
import { MultiValueDict, type Request, type RequestUser } from '@rf/views';

/** How the reference application shows a user. */
export function echoUser(user: RequestUser | null) {
  return {
    id: user?.id ?? null,
    username: user?.getUsername() ?? '',
    isAuthenticated: user?.isAuthenticated ?? false,
    isStaff: user?.isStaff ?? false,
  };
}

/** How it shows `request.auth`. */
export function echoAuth(auth: unknown) {
  if (auth === null || auth === undefined) return null;
  if (auth instanceof Token) return { type: 'token', key: auth.key };
  return { type: 'custom', value: auth };
}

/** How it shows a request as a whole. */
export function echo(request: Request) {
  return { method: request.method, user: echoUser(request.user), auth: echoAuth(request.auth) };
}

interface File {
  readonly name: string;
  readonly size: number;
  readonly contentType: string;
  text(): string;
}

const isFile = (value: object): value is File =>
  typeof (value as File).text === 'function' && typeof (value as File).size === 'number';

/** Entities are shown by their key. */
const isEntity = (value: object): value is { id: number } =>
  'id' in value && Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null;

/** The plain form of parsed or validated data. */
export function plain(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof MultiValueDict) {
    return Object.fromEntries([...value].map(([name, values]) => [name, values.map(plain)]));
  }
  if (isFile(value)) {
    return { name: value.name, size: value.size, contentType: value.contentType, text: value.text() };
  }
  if (value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof (value as { toNumber?: unknown }).toNumber === 'function') {
    return (value as { toNumber(): number }).toNumber();
  }
  if (isEntity(value)) return { pk: value.id };
  if (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
  }
  return value;
}
