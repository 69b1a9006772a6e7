import type { AbstractUser } from '@rf/auth';
import { db, type SiteOwner } from '@rf/orm';
import { AccessToken } from './access-token.ts';
import { digestAccessToken, makeAccessToken } from './access-token-text.ts';

/** What a new access token is like. */
export interface AccessTokenOptions {
  readonly name: string;
  /** What it may do. Default `['*']`: everything. */
  readonly scopes?: readonly string[];
  /** Seconds until it ends; left out, it does not. */
  readonly lifetime?: number;
}

/** A token and its text, which nobody can read again. */
export interface IssuedAccessToken {
  readonly token: AccessToken;
  readonly text: string;
}

const SHOWN_LENGTH = 12;

/** Makes an access token for a user. Show the text once; only its hash is stored. */
export async function issueAccessToken(
  owner: SiteOwner,
  user: Pick<AbstractUser, 'id'>,
  { name, scopes = ['*'], lifetime }: AccessTokenOptions,
): Promise<IssuedAccessToken> {
  const { clock } = 'site' in owner ? owner.site : owner;
  const now = clock();
  const text = makeAccessToken();
  const manager = db(owner);
  const token = await manager.save(
    manager.create(AccessToken, {
      user: { id: user.id },
      name,
      prefix: text.slice(0, SHOWN_LENGTH),
      digest: digestAccessToken(text),
      abilities: [...scopes],
      created: new Date(now),
      expires: lifetime === undefined ? null : new Date(now + lifetime * 1000),
      lastUsed: null,
    }),
  );
  return { token, text };
}

/** Replaces the text of a token; the old one counts no more. Null when somebody revoked or rotated it meanwhile. */
export async function rotateAccessToken(owner: SiteOwner, token: AccessToken): Promise<string | null> {
  const text = makeAccessToken();
  const { affected } = await db(owner).update(
    AccessToken,
    { id: token.id, digest: token.digest },
    { digest: digestAccessToken(text), prefix: text.slice(0, SHOWN_LENGTH), lastUsed: null },
  );
  return affected === 1 ? text : null;
}
