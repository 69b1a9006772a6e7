import { Token } from './token.ts';

/** Any kind of token: for the verify view, which tells only whether a token is good at all (JW08). */
export class UntypedToken extends Token {
  static override readonly tokenType: string = 'untyped';

  protected override checkType(): void {}
}
