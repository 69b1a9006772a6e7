import type { SignatureAlgorithm } from './signature-algorithms.ts';
import type { SignatureParameters } from './signature-input.ts';

/** What a signed request was let in with: its `request.auth`. */
export class SignatureInfo {
  constructor(
    readonly keyId: string,
    readonly algorithm: SignatureAlgorithm,
    readonly label: string,
    /** What was covered, `"@method"`, `"content-digest"`, …, in the order of the signature. */
    readonly components: readonly string[],
    readonly parameters: SignatureParameters,
  ) {}

  toString(): string {
    return this.keyId;
  }
}
