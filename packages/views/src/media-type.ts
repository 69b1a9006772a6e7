import { parseHeaderParameters } from './header-parameters.ts';

/** Longest media type that is looked at; a longer one fits nothing (CN05). */
const MAX_LENGTH = 256;

/**
 * One media type or media range with its parameters (RFC 9110, section 8.3.1).
 */
export class MediaType {
  /** Lower-case `type/subtype`. */
  readonly fullType: string;
  readonly mainType: string;
  readonly subType: string;
  /** Parameters by lower-case name; quotes removed. */
  readonly params: ReadonlyMap<string, string>;

  constructor(readonly text: string) {
    const { value, params } = parseHeaderParameters(text.length > MAX_LENGTH ? '' : text);
    this.fullType = value.toLowerCase();
    const slash = this.fullType.indexOf('/');
    this.mainType = slash === -1 ? this.fullType : this.fullType.slice(0, slash);
    this.subType = slash === -1 ? '' : this.fullType.slice(slash + 1);
    this.params = params;
  }

  /**
   * True when this range takes `other`: each part is equal or a `*` here, and every parameter here except `q` is there.
   */
  matches(other: MediaType): boolean {
    for (const [name, value] of this.params) {
      if (name !== 'q' && other.params.get(name) !== value) return false;
    }
    if (this.subType !== '*' && other.subType !== '*' && this.subType !== other.subType) return false;
    return this.mainType === '*' || other.mainType === '*' || this.mainType === other.mainType;
  }

  /** 0 for any type, 1 for any subtype, 2 for a type, 3 with parameters. */
  get precedence(): 0 | 1 | 2 | 3 {
    if (this.mainType === '*') return 0;
    if (this.subType === '*') return 1;
    for (const name of this.params.keys()) if (name !== 'q') return 3;
    return 2;
  }

  /** `type/subtype; name=value` in normal form. */
  toString(): string {
    let text = `${this.mainType}/${this.subType}`;
    for (const [name, value] of this.params) text += `; ${name}=${value}`;
    return text;
  }
}

/** True for the media types of HTML forms. */
export function isFormMediaType(contentType: string): boolean {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
  return type === 'application/x-www-form-urlencoded' || type === 'multipart/form-data';
}
