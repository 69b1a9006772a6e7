import { atomic, prepared } from '@rf/orm';
import type { RequestUser, Site } from '@rf/views';

/** What the tables keep of a token. */
export interface RecordedToken {
  readonly jti: string;
  readonly family?: string | undefined;
  readonly iat: number | undefined;
  readonly exp: number;
  /** Of sliding tokens: the end of their renewals, up to which the rows must be kept. */
  readonly refreshExp?: number;
}

type UserId = RequestUser['id'];

const SPENT_AT = `SELECT b.blacklisted_at FROM token_blacklist_blacklistedtoken b
  JOIN token_blacklist_outstandingtoken o ON o.id = b.token_id WHERE o.jti = $1`;

const FAMILY_LIVES = `SELECT 1 FROM token_blacklist_outstandingtoken o
  WHERE o.family = $1::uuid AND o.expires_at > to_timestamp($2)
    AND NOT EXISTS (SELECT 1 FROM token_blacklist_blacklistedtoken b WHERE b.token_id = o.id) LIMIT 1`;

const FAMILY = 'SELECT family FROM token_blacklist_outstandingtoken WHERE jti = $1';

const LOCK = 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))';

// A token of another library has no family before its first refresh, and gets one here.
const RECORD = `INSERT INTO token_blacklist_outstandingtoken (user_id, jti, token, family, created_at, expires_at)
  VALUES ($1, $2, '', $3::uuid, to_timestamp($4), to_timestamp($5))
  ON CONFLICT (jti) DO UPDATE SET family = EXCLUDED.family WHERE token_blacklist_outstandingtoken.family IS NULL`;

const SPEND = `INSERT INTO token_blacklist_blacklistedtoken (token_id, blacklisted_at)
  SELECT id, to_timestamp($2) FROM token_blacklist_outstandingtoken WHERE jti = $1
  ON CONFLICT (token_id) DO NOTHING`;

const SPEND_FAMILY = `INSERT INTO token_blacklist_blacklistedtoken (token_id, blacklisted_at)
  SELECT id, to_timestamp($2) FROM token_blacklist_outstandingtoken WHERE family = $1::uuid
  ON CONFLICT (token_id) DO NOTHING`;

const FLUSH_BLACKLISTED = `DELETE FROM token_blacklist_blacklistedtoken b USING token_blacklist_outstandingtoken o
  WHERE o.id = b.token_id AND o.expires_at <= to_timestamp($1)`;

const FLUSH_OUTSTANDING = 'DELETE FROM token_blacklist_outstandingtoken WHERE expires_at <= to_timestamp($1)';

/**
 * Outstanding and blacklisted tokens, by id: the tables of simplejwt's `token_blacklist` app plus the family (JW09).
 *
 * Whatever takes a token back is one transaction: committed when the call returns, so that a 401 that follows undoes
 * nothing, unless the caller opened one around it.
 */
export class Blacklist {
  /** @param now seconds since 1970 */
  constructor(
    private readonly site: Site,
    private readonly now: () => number,
  ) {}

  /** True when the token with this id was taken back or spent. */
  async has(jti: string): Promise<boolean> {
    return (await this.spentAt(jti)) !== undefined;
  }

  /** When it was, in seconds since 1970; undefined for a token that is good. */
  async spentAt(jti: string): Promise<number | undefined> {
    const { rows } = await this.run<{ blacklisted_at: Date }>('spent_at', SPENT_AT, [jti]);
    return rows[0] && rows[0].blacklisted_at.getTime() / 1000;
  }

  /** True while a token of the family can still be refreshed. */
  async familyLives(family: string): Promise<boolean> {
    return (await this.run('family_lives', FAMILY_LIVES, [family, this.now()])).rowCount > 0;
  }

  /** Keeps a new token of the user with this primary key as outstanding. */
  async record(token: RecordedToken, userId: UserId): Promise<void> {
    const { jti, family = null, iat = this.now(), exp, refreshExp = exp } = token;
    await this.run('record', RECORD, [userId, jti, family, iat, refreshExp]);
  }

  /** Takes a token back. */
  async add(token: RecordedToken): Promise<void> {
    await atomic(this.site, async () => {
      await this.lock(token);
      await this.record(token, null);
      await this.spend(token);
    });
  }

  /**
   * Records `next`, and spends `old` for it when `spend` is set. False, and nothing is changed, when `old` was already
   * spent: the unique row of its id decides between requests that come at once.
   */
  async replace(old: RecordedToken, next: RecordedToken, userId: UserId, spend: boolean): Promise<boolean> {
    return atomic(this.site, async () => {
      // Ending a family waits for rotations within it and the reverse, so that no successor slips through.
      await this.lock(old);
      const { jti, iat, exp } = old;
      await this.record({ jti, iat, exp, family: next.family }, userId);
      if (spend && !(await this.spend(old))) return false;
      await this.record(next, userId);
      return true;
    });
  }

  /** Spends all tokens of the family of a token that was used again. */
  async endFamily(token: RecordedToken): Promise<void> {
    await atomic(this.site, async () => {
      const family = await this.lock(token);
      if (family !== undefined) await this.run('spend_family', SPEND_FAMILY, [family, this.now()]);
    });
    const details = { scheme: 'jwt', jti: token.jti, family: token.family };
    this.site.logger.warn(details, 'A refresh token was used again; its family has ended');
  }

  /** Deletes tokens that ended `leeway` seconds ago or earlier (JW10). Returns how many. */
  async flush(leeway: number): Promise<number> {
    const until = [this.now() - leeway];
    return atomic(this.site, async () => {
      await this.run('flush_blacklisted', FLUSH_BLACKLISTED, until);
      return (await this.run('flush_outstanding', FLUSH_OUTSTANDING, until)).rowCount;
    });
  }

  /** Holds the token's family until the transaction ends, and returns it; a token without one is held by its id. */
  private async lock({ jti, family: claimed }: RecordedToken): Promise<string | undefined> {
    const { rows } = await this.run<{ family: string | null }>('family', FAMILY, [jti]);
    const family = rows[0]?.family ?? claimed;
    await this.run('lock', LOCK, [`jwt ${family ?? jti}`]);
    return family;
  }

  private async spend({ jti }: RecordedToken): Promise<boolean> {
    return (await this.run('spend', SPEND, [jti, this.now()])).rowCount > 0;
  }

  private run<Row>(name: string, text: string, values: readonly unknown[]) {
    return prepared<Row>(this.site, { name: `jwt_${name}`, text, values });
  }
}
