import { type AbstractUser, userModel } from '@rf/auth';
import { PermissionDenied } from '@rf/exceptions';
import { atomic, db, type SiteOwner } from '@rf/orm';
import { IsNull, MoreThan } from 'typeorm';
import { AccessToken, EVERY_SCOPE } from './access-token.ts';
import { accessTokenSettings } from './access-token-options.ts';
import { digestAccessToken, makeAccessToken } from './access-token-text.ts';

/** What a new access token is like. */
export interface AccessTokenOptions {
  readonly name: string;
  /** What it may do. Default `['*']`: everything. */
  readonly scopes?: readonly string[];
  /** Seconds until it ends; null for never. Default: the project's `lifetime`. */
  readonly lifetime?: number | null;
}

/** A token and its text, which nobody can read again. */
export interface IssuedAccessToken {
  readonly token: AccessToken;
  readonly text: string;
}

const SHOWN_LENGTH = 12;

const nowOf = (owner: SiteOwner): number => ('site' in owner ? owner.site : owner).clock();

/** Makes an access token for a user. Show the text once; only its hash is stored. */
export async function issueAccessToken(
  owner: SiteOwner,
  user: Pick<AbstractUser, 'id'>,
  { name, scopes = [EVERY_SCOPE], lifetime = accessTokenSettings(owner).lifetime }: AccessTokenOptions,
): Promise<IssuedAccessToken> {
  const now = nowOf(owner);
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
      expires: lifetime === null ? null : new Date(now + lifetime * 1000),
      lastUsed: null,
    }),
  );
  return { token, text };
}

/** The same within the project's `limitPerUser` (KX04). Throws PermissionDenied beyond it. */
export async function issueAccessTokenWithinLimit(
  owner: SiteOwner,
  user: Pick<AbstractUser, 'id'>,
  options: AccessTokenOptions,
): Promise<IssuedAccessToken> {
  const { limitPerUser } = accessTokenSettings(owner);
  if (limitPerUser === null) return issueAccessToken(owner, user, options);
  return atomic(owner, async (manager) => {
    // Two requests at once must not both find room.
    await manager.findOne(userModel(owner), { where: { id: user.id }, lock: { mode: 'pessimistic_write' } });
    const mine = { user: { id: user.id } };
    const count = await manager.countBy(AccessToken, [
      { ...mine, expires: IsNull() },
      { ...mine, expires: MoreThan(new Date(nowOf(owner))) },
    ]);
    if (count >= limitPerUser) throw new PermissionDenied('Maximum amount of tokens allowed per user exceeded.');
    return issueAccessToken(owner, user, options);
  });
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
