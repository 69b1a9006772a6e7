import { ParseError, UnsupportedMediaType } from '@rf/exceptions';
import { MultiValueDict, type Request } from '@rf/views';
import { OAuth2Error } from './oauth2-error.ts';

const REPEATABLE: ReadonlySet<string> = new Set(['resource']);

/**
 * Parameters of a protocol request. Each may come once, `resource` often (RFC 8707, section 2); one without a value counts as left
 * out (RFC 6749, section 3.2).
 */
export class Parameters {
  readonly #values: MultiValueDict<unknown>;

  constructor(values: MultiValueDict<unknown>) {
    this.#values = values;
  }

  /** The value; null when it is left out. Throws OAuth2Error when it came more than once. */
  get(name: string): string | null {
    const [value, ...more] = this.#values.getList(name);
    if (more.length > 0) throw new OAuth2Error('invalid_request', `Duplicated ${name} parameter.`);
    return typeof value === 'string' && value !== '' ? value : null;
  }

  /** The values of a parameter that may come often, each once. */
  getAll(name: string): readonly string[] {
    const texts = this.#values.getList(name).filter((value) => typeof value === 'string' && value !== '');
    return [...new Set(texts as string[])];
  }

  /** The value. Throws OAuth2Error when it is left out. */
  require(name: string): string {
    const value = this.get(name);
    if (value === null) throw new OAuth2Error('invalid_request', `Missing ${name} parameter.`);
    return value;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Throws OAuth2Error when any parameter, known or not, came more than once that may not. */
  refuseDuplicates(): void {
    for (const name of this.#values.keys()) if (!REPEATABLE.has(name)) this.get(name);
  }

  /** Names and values, for handing them on. */
  *entries(): Iterable<[string, string]> {
    for (const [name, value] of this.#values.entries()) if (typeof value === 'string') yield [name, value];
  }
}

/** The form of a request to one of the provider's endpoints. Throws OAuth2Error for any other body. */
export function readForm(request: Request): Parameters {
  let data: unknown;
  try {
    data = request.data;
  } catch (error) {
    if (error instanceof UnsupportedMediaType || error instanceof ParseError) {
      throw new OAuth2Error('invalid_request', 'The body must be application/x-www-form-urlencoded.');
    }
    throw error;
  }
  const form = new Parameters(data instanceof MultiValueDict ? data : new MultiValueDict());
  form.refuseDuplicates();
  return form;
}
