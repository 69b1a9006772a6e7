import { type AbstractUser, hashOpaqueToken, type UserColumns, userColumns } from '@rf/auth';
import { AuthenticationFailed } from '@rf/exceptions';
import { type EntityColumns, entityColumns, prepared } from '@rf/orm';
import { type Authenticated, BaseAuthentication, type Request, type Site } from '@rf/views';
import { OAuth1AccessToken } from './access-token.ts';
import { OAuth1Consumer } from './consumer.ts';
import { oauth1Provider } from './provider.ts';
import { readSignedParameters, requiredParameters } from './signed-parameters.ts';
import { type NamedCredentials, verifyRequest } from './signed-request.ts';

/**
 * OAuth 1.0a (AU27): requests signed with the secrets of a consumer and of an access token; method, host, path, query and form are
 * covered.
 *
 * `request.user` is who allowed it, `request.auth` the {@link OAuth1AccessToken}. With the option `twoLegged`, a request without
 * a token is its consumer's owner's, and `request.auth` is the {@link OAuth1Consumer}.
 */
export class OAuthAuthentication extends BaseAuthentication {
  override readonly overHttp = 'read requests and answers';

  override async authenticate(request: Request): Promise<Authenticated | null> {
    const parameters = await readSignedParameters(request);
    if (parameters === null) return null;
    const { twoLegged } = oauth1Provider(request).options;
    const missing = requiredParameters.filter(
      (name) => !parameters.protocol.get(name) && !(twoLegged && name === 'oauth_token'),
    );
    if (missing.length > 0) throw new AuthenticationFailed(`Missing parameters: ${missing.join(', ')}`);
    const { consumer, token } = await verifyRequest(request, parameters, (key, text) =>
      findCredentials(request, key, text),
    );
    return token === null
      ? { user: activeUser(consumer.owner), auth: consumer }
      : { user: activeUser(token.user), auth: token };
  }

  override authenticateHeader(request: Request): string {
    return `OAuth realm="${oauth1Provider(request).options.realm}"`;
  }
}

/** The query that finds consumer, token and user at once, worked out once for a project. */
interface Statement {
  readonly text: string;
  readonly consumers: EntityColumns<OAuth1Consumer>;
  readonly tokens: EntityColumns<OAuth1AccessToken>;
  readonly users: UserColumns;
}

const statements = new WeakMap<Site, Statement>();

function statementOf(site: Site): Statement {
  let statement = statements.get(site);
  if (statement === undefined) {
    const consumers = entityColumns(site, OAuth1Consumer, 'c');
    const tokens = entityColumns(site, OAuth1AccessToken, 't');
    const users = userColumns(site);
    const text =
      `SELECT ${consumers.select}, ${tokens.select}, ${users.select}, t.id AS token_id, u.id AS user_id ` +
      `FROM ${consumers.table} c LEFT JOIN ${tokens.table} t ON t.token_hash = $2 AND t.consumer_id = c.id ` +
      `LEFT JOIN ${users.table} u ON u.id = CASE WHEN $2::text IS NULL THEN c.owner_id ELSE t.user_id END WHERE c.key = $1`;
    statement = { text, consumers, tokens, users };
    statements.set(site, statement);
  }
  return statement;
}

/** A consumer with its owner when there is no token, else with a live access token of its own and the token's user. */
async function findCredentials(
  request: Request,
  key: string,
  tokenText: string | null,
): Promise<NamedCredentials<OAuth1AccessToken>> {
  // No text of PostgreSQL holds a NUL.
  if (key.includes('\0')) return { consumer: null, token: null };
  const statement = statementOf(request.site);
  const { rows } = await prepared(request, {
    name: 'rf_oauth1_credentials',
    text: statement.text,
    values: [key, tokenText === null ? null : hashOpaqueToken(tokenText)],
  });
  const [row] = rows;
  if (row === undefined) return { consumer: null, token: null };
  const consumer = statement.consumers.hydrate(row);
  const user = row.user_id === null ? null : statement.users.hydrate(row);
  if (tokenText === null) {
    consumer.owner = user;
    return { consumer, token: null };
  }
  if (row.token_id === null || user === null) return { consumer, token: null };
  const token = statement.tokens.hydrate(row);
  token.consumer = consumer;
  token.user = user;
  return { consumer, token: token.isValid(oauth1Provider(request).now()) ? token : null };
}

function activeUser(user: AbstractUser | null): AbstractUser {
  if (user === null) throw new AuthenticationFailed('Invalid consumer token: it has no owner');
  if (!user.isActive) throw new AuthenticationFailed(`User inactive or deleted: ${user.getUsername()}`);
  return user;
}
