import { createHash } from 'node:crypto';
import { SessionAuthentication, users } from '@rf/auth';
import {
  codeChallengeProblem,
  decodeClientBasic,
  type GrantType,
  hashOpaqueToken,
  IsAuthenticatedOrTokenHasScope,
  isSameRedirectUri,
  makeOpaqueToken,
  OAuth2AccessToken,
  OAuth2Authentication,
  OAuth2Client,
  OAuth2Error,
  provesCodeChallenge,
  TokenHasReadWriteScope,
  TokenHasResourceScope,
  TokenHasScope,
  TokenMatchesOASRequirements,
} from '@rf/oauth2';
import { db } from '@rf/orm';
import {
  APIView,
  authenticationClasses,
  path,
  type PermissionClass,
  permissionClasses,
  Response,
  type UrlEntry,
} from '@rf/views';
import {
  authorize,
  browserOf,
  CALLBACK,
  CHALLENGE,
  send,
  type Server,
  startServer,
  VERIFIER,
  whoAmI,
} from '../../packages/oauth2/tests/server.ts';

interface Want {
  readonly status: number | readonly number[];
  readonly error?: string | readonly string[] | null;
  readonly body?: Readonly<Record<string, unknown>>;
}

interface HttpRecord {
  readonly id: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly basic?: string | null;
  readonly form: Readonly<Record<string, string>>;
  readonly authorization?: string | null;
  readonly method?: string;
  readonly want: Want;
}

interface ScopeRecord {
  readonly permission: string;
  readonly method: string;
  readonly token_scope: string;
  readonly required: readonly string[] | Readonly<Record<string, readonly (readonly string[])[]>>;
  readonly allow: boolean;
  readonly caller?: string;
}

interface Vectors {
  readonly pkce: readonly {
    id: string;
    method: string | null;
    verifier: string | null;
    challenge: string | null;
    verdict: string;
  }[];
  readonly basic_client_auth: readonly { client_id: string; client_secret: string; header: string }[];
  readonly redirect_uri: readonly { registered: string; requested: string; allow: boolean; reason: string }[];
  readonly authorize: readonly HttpRecord[];
  readonly token: readonly HttpRecord[];
  readonly revoke: readonly HttpRecord[];
  readonly introspect: readonly HttpRecord[];
  readonly resource: readonly HttpRecord[];
  readonly scope_permissions: readonly ScopeRecord[];
  readonly lifecycle: readonly { id: string; expected: string }[];
  readonly metadata: { readonly path: string; readonly required: readonly string[] };
}

interface Result {
  readonly id: string;
  readonly ok: boolean;
  readonly message?: string;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any;
}

export const file = 'oauth2.json';

/** Strings through the functions, requests over HTTP against a server of our own. `want` decides. */
export async function* run(vectors: Vectors): AsyncIterable<Result> {
  for (const record of vectors.pkce) {
    const { method, verifier, challenge } = record;
    yield await check(`pkce ${record.id}`, () => {
      const refused =
        codeChallengeProblem(challenge, method, false) !== null || !provesCodeChallenge(challenge, verifier);
      return same(refused ? 'reject' : 'accept', record.verdict);
    });
  }
  for (const record of vectors.basic_client_auth) {
    yield await check(`basic_client_auth ${record.client_id}`, () => {
      const { clientId, clientSecret } = decodeClientBasic(record.header);
      return same([clientId, clientSecret], [record.client_id, record.client_secret]);
    });
  }
  for (const { registered, requested, allow, reason } of vectors.redirect_uri) {
    yield await check(`redirect_uri ${reason}`, () =>
      same(isSameRedirectUri(registered, requested, { localhost: true }), allow),
    );
  }

  const server = await startServer({
    oauth2: { allowPasswordGrant: true },
    urls: vectors.scope_permissions.map(scopeUrl),
  });
  try {
    const provider = new Provider(server);
    await provider.createClients();
    for (const record of vectors.authorize)
      yield await check(`authorize ${record.id}`, () => provider.authorize(record));
    for (const record of vectors.token) yield await check(`token ${record.id}`, () => provider.token(record));
    for (const record of vectors.revoke) yield await check(`revoke ${record.id}`, () => provider.revoke(record));
    for (const record of vectors.introspect)
      yield await check(`introspect ${record.id}`, () => provider.introspect(record));
    for (const record of vectors.resource) yield await check(`resource ${record.id}`, () => provider.resource(record));
    for (const [at, record] of vectors.scope_permissions.entries()) {
      const id = `scope_permissions ${at + 1} ${record.permission} ${record.method} ${JSON.stringify(record.token_scope)}`;
      yield await check(id, () => provider.scope(record, at));
    }
    for (const { id } of vectors.lifecycle) yield await check(`lifecycle ${id}`, () => provider.lifecycle(id));
    yield await check('metadata', () => provider.metadata(vectors.metadata));
  } finally {
    await server.close();
  }
}

async function check(id: string, run: () => Promise<string | null> | string | null): Promise<Result> {
  try {
    const message = await run();
    return message === null ? { id, ok: true } : { id, ok: false, message };
  } catch (error) {
    return { id, ok: false, message: error instanceof OAuth2Error ? error.error : String(error) };
  }
}

function same(found: unknown, expected: unknown): string | null {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)];
  return left === right ? null : `expected ${right}, found ${left}`;
}

/** Compares an answer with what is wanted: one of the statuses, and one of the errors or none. */
function matches({ status, error }: Want, answer: { status: number; error: string | null }): string | null {
  const statuses = [status].flat();
  if (!statuses.includes(answer.status))
    return `expected ${statuses.join(' or ')}, found ${answer.status} ${answer.error}`;
  if (error === undefined) return null;
  const errors: readonly (string | null)[] = error === null ? [null] : [error].flat();
  // Where several statuses are right, an error belongs to the failing ones.
  if (answer.status < 300 && statuses.length > 1) return null;
  return errors.includes(answer.error) ? null : `expected error ${errors.join(' or ')}, found ${answer.error}`;
}

const PERMISSIONS: Readonly<Record<string, PermissionClass>> = {
  TokenHasScope,
  TokenHasReadWriteScope,
  TokenHasResourceScope,
  TokenMatchesOASRequirements,
  IsAuthenticatedOrTokenHasScope,
};

function scopeUrl({ permission, required }: ScopeRecord, at: number): UrlEntry {
  @authenticationClasses(OAuth2Authentication, SessionAuthentication)
  @permissionClasses(PERMISSIONS[permission] as PermissionClass)
  class Scoped extends APIView {
    readonly requiredScopes = Array.isArray(required) ? required : undefined;
    readonly requiredAlternateScopes = Array.isArray(required) ? undefined : required;

    override get() {
      return new Response({ ok: true });
    }
    override post() {
      return this.get();
    }
    override put() {
      return this.get();
    }
    override delete() {
      return this.get();
    }
  }
  return path(`/scope/${at}/`, Scoped);
}

const SECRET = 's3cret';

class Provider {
  readonly tokenUrl: string;

  constructor(readonly server: Server) {
    this.tokenUrl = `${server.url}/oauth2/token/`;
  }

  /** The clients that the records name. Their secret is shorter than any of ours, so they are written by hand. */
  async createClients(): Promise<void> {
    const code: GrantType[] = ['authorization_code', 'refresh_token'];
    const grants: Readonly<Record<string, GrantType[]>> = {
      conf: code,
      other: code,
      pub: code,
      cc: ['client_credentials'],
      pw: ['password', 'refresh_token'],
    };
    const now = new Date(this.server.clock.now);
    for (const [clientId, allowed] of Object.entries(grants)) {
      await db(this.server.site).insert(OAuth2Client, {
        clientId,
        secretHash: clientId === 'pub' ? null : createHash('sha256').update(SECRET).digest('hex'),
        name: clientId,
        clientType: clientId === 'pub' ? 'public' : 'confidential',
        authMethod: clientId === 'pub' ? 'none' : 'client_secret',
        grants: allowed,
        redirectUris: [CALLBACK],
        scopes: ['read', 'write', 'notes:read'],
        created: now,
        updated: now,
      });
    }
  }

  async authorize({ query = {}, want }: HttpRecord): Promise<string | null> {
    const browser = await browserOf(this.server, 'alice');
    const target = `/oauth2/authorize/?${new URLSearchParams(query)}`;
    let page = await browser.get(target);
    if (page.status === 200) page = await browser.submit(target, page, { decision: 'allow' });
    const answer = page.location === null ? null : new URL(page.location).searchParams;
    if (answer !== null) {
      if (!page.location?.startsWith(`${CALLBACK}?`)) return `it redirects to ${page.location}`;
      if (answer.get('state') !== query.state) return `state is ${answer.get('state')}`;
      if (answer.get('iss') !== this.server.url) return `iss is ${answer.get('iss')}`;
      if (answer.has('error') === answer.has('code')) return `it has ${answer}`;
    }
    return matches(want, { status: page.status, error: answer?.get('error') ?? null });
  }

  async token(record: HttpRecord): Promise<string | null> {
    const { server } = this;
    const form = { ...record.form };
    const isPublic = form.client_id === 'pub';
    if (form.code === '<code>') form.code = await this.code(isPublic ? 'pub' : 'conf');
    if (form.refresh_token === '<refresh>') form.refresh_token = (await this.passwordTokens()).refresh_token;
    if (record.id.endsWith('-unknown'))
      for (const name of ['code', 'refresh_token']) if (form[name]) form[name] = 'nope';
    if (record.id.endsWith('-reuse')) await this.post(form, record.basic);
    if (record.id === 'code-expired') server.clock.now += 60_000;
    const answer = await this.special(record, form);
    const { status, body, headers } = answer;
    if (status === 405) return matches(record.want, { status, error: null });
    if (headers.get('cache-control') !== 'no-store' || headers.get('pragma') !== 'no-cache') return 'it may be cached';
    if (status === 401 && !headers.get('www-authenticate')?.startsWith('Basic realm='))
      return 'it has no Basic challenge';
    if (status === 200) {
      const isComplete = body.access_token && body.token_type === 'Bearer' && body.expires_in > 0 && body.scope;
      if (!isComplete) return `the answer is ${JSON.stringify(body)}`;
      if (record.id.startsWith('cc-') === Boolean(body.refresh_token)) return 'refresh_token is there, or is not';
    }
    return matches(record.want, { status, error: body?.error ?? null });
  }

  /** Requests that are no plain form. */
  private async special({ id, basic = null }: HttpRecord, form: Readonly<Record<string, string>>): Promise<Answer> {
    const headers: Record<string, string> =
      basic === null ? {} : { authorization: `Basic ${Buffer.from(basic).toString('base64')}` };
    const raw = async (url: string, init: RequestInit): Promise<Answer> => {
      const response = await fetch(url, init);
      return { status: response.status, headers: response.headers, body: await response.json() };
    };
    if (id === 'get-method') return raw(`${this.tokenUrl}?${new URLSearchParams(form)}`, { headers });
    if (id === 'duplicate-param') {
      const body = new URLSearchParams('grant_type=client_credentials&grant_type=password');
      return raw(this.tokenUrl, { method: 'POST', headers, body });
    }
    if (id === 'json-body') {
      const body = JSON.stringify({ grant_type: 'client_credentials' });
      return raw(this.tokenUrl, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body });
    }
    return this.post(form, basic);
  }

  async revoke(record: HttpRecord): Promise<string | null> {
    const tokens = await this.passwordTokens();
    const form = { ...record.form };
    const isRefresh = record.id === 'refresh';
    if (form.token === '<token>') form.token = isRefresh ? tokens.refresh_token : tokens.access_token;
    const answer = await send(`${this.server.url}/oauth2/revoke_token/`, form, basicOf(record));
    const { status } = await whoAmI(this.server, tokens.access_token);
    const mustEnd = ['wrong-hint', 'refresh'].includes(record.id);
    if ((status === 401) !== mustEnd) return `the access token answers ${status}`;
    return matches(record.want, { status: answer.status, error: answer.body?.error ?? null });
  }

  async introspect(record: HttpRecord): Promise<string | null> {
    const { server } = this;
    const url = `${server.url}/oauth2/introspect/`;
    const basic = `conf:${SECRET}`;
    if (record.id === 'get') {
      const { status } = await fetch(url, {
        headers: { authorization: `Basic ${Buffer.from(basic).toString('base64')}` },
      });
      return matches(record.want, { status, error: null });
    }
    const client = record.id === 'foreign-token' ? 'other' : 'conf';
    const tokens = await this.codeTokens(client, record.id === 'inactive-user' ? 'bob' : 'alice');
    if (record.id === 'expired') server.clock.now += 3_600_000;
    if (record.id === 'revoked')
      await send(`${server.url}/oauth2/revoke_token/`, { token: tokens.access_token }, { basic });
    if (record.id === 'inactive-user') await this.setActive('bob', false);
    const form: Record<string, string> = {};
    if (record.form.token !== undefined) form.token = record.id === 'unknown' ? 'nope' : tokens.access_token;
    if (record.id === 'public-client') form.client_id = 'pub';
    const anonymous = ['no-auth', 'public-client'].includes(record.id);
    const answer = await send(url, form, anonymous ? {} : { basic });
    if (record.id === 'inactive-user') await this.setActive('bob', true);
    const { body } = record.want;
    if (body !== undefined) {
      const found: Record<string, unknown> = { ...answer.body };
      for (const name of ['exp', 'iat']) if (Number.isInteger(found[name])) found[name] = 'int';
      const problem = same(sorted(found), sorted(body));
      if (problem !== null) return problem;
    }
    return matches(record.want, { status: answer.status, error: answer.body?.error ?? null });
  }

  async resource(record: HttpRecord & { query_or_form?: string | null }): Promise<string | null> {
    const { server } = this;
    const { access_token: token } = await this.codeTokens('conf');
    if (record.id === 'expired') server.clock.now += 3_600_000;
    const isTwice = record.query_or_form != null;
    const parameters = new URLSearchParams(isTwice ? { access_token: token } : {});
    const isForm = record.method === 'POST';
    const response = await fetch(`${server.url}/me/${isForm || !isTwice ? '' : `?${parameters}`}`, {
      method: record.method ?? 'GET',
      headers: record.authorization == null ? {} : { authorization: record.authorization.replace('<access>', token) },
      ...(isForm && { body: parameters }),
    });
    const challenge = response.headers.get('www-authenticate');
    if (response.status >= 400 && !challenge?.startsWith('Bearer realm="api"')) return `the challenge is ${challenge}`;
    return matches(record.want, {
      status: response.status,
      error: /error="([^"]*)"/.exec(challenge ?? '')?.[1] ?? null,
    });
  }

  async scope(
    { method, token_scope: scope, allow, caller = 'oauth2 token' }: ScopeRecord,
    at: number,
  ): Promise<string | null> {
    const target = `${this.server.url}/scope/${at}/`;
    if (caller === 'session user') {
      const browser = await browserOf(this.server, 'alice');
      return same((await browser.get(target)).status === 200, allow);
    }
    const headers: Record<string, string> =
      caller === 'anonymous' ? {} : { authorization: `Bearer ${await this.insertToken(scope)}` };
    const { status, headers: answered } = await fetch(target, { method, headers });
    const challenge = answered.get('www-authenticate') ?? '';
    if (!allow && caller === 'oauth2 token' && !challenge.includes('error="insufficient_scope"')) {
      return `the challenge is ${challenge}`;
    }
    const refused = caller === 'anonymous' ? 401 : 403;
    return same(status, allow ? 200 : refused);
  }

  async lifecycle(id: string): Promise<string | null> {
    const { server } = this;
    const statusOf = async (token: string): Promise<number> => (await whoAmI(server, token)).status;
    const refresh = (token: string, client = 'conf') =>
      this.post({ grant_type: 'refresh_token', refresh_token: token }, `${client}:${SECRET}`);
    const redeem = (code: string) =>
      this.post(
        { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER },
        `conf:${SECRET}`,
      );
    switch (id) {
      case 'code-reuse-revokes':
      case 'revocation-survives-error-response': {
        const code = await this.code('conf');
        const first = await redeem(code);
        const second = await redeem(code);
        return same([first.status, second.status, await statusOf(first.body.access_token)], [200, 400, 401]);
      }
      case 'refresh-reuse-revokes-family': {
        const tokens = await this.codeTokens('conf');
        const first = await refresh(tokens.refresh_token);
        const again = await refresh(tokens.refresh_token);
        const next = await refresh(first.body.refresh_token);
        const access = await statusOf(first.body.access_token);
        return same([first.status, again.status, next.status, access], [200, 400, 400, 401]);
      }
      case 'revoke-by-other-client': {
        const tokens = await this.codeTokens('conf');
        await send(`${server.url}/oauth2/revoke_token/`, { token: tokens.access_token }, { basic: `other:${SECRET}` });
        return same(await statusOf(tokens.access_token), 200);
      }
      case 'refresh-race': {
        const tokens = await this.codeTokens('conf');
        const answers = await Promise.all([refresh(tokens.refresh_token), refresh(tokens.refresh_token)]);
        return same(answers.map(({ status }) => status).sort(), [200, 400]);
      }
      case 'code-race': {
        const code = await this.code('conf');
        const answers = await Promise.all([redeem(code), redeem(code)]);
        const [good, bad] = answers.toSorted((a, b) => a.status - b.status) as [Answer, Answer];
        return same([good.status, bad.status, await statusOf(good.body.access_token)], [200, 400, 401]);
      }
      case 'user-deactivated': {
        const tokens = await this.codeTokens('conf', 'bob');
        await this.setActive('bob', false);
        const found = [await statusOf(tokens.access_token), (await refresh(tokens.refresh_token)).status];
        await this.setActive('bob', true);
        return same(found, [401, 400]);
      }
      case 'client-deleted': {
        const made = await server.client({ clientId: 'deleted-later' });
        const code = (await authorize(server, made.client)).get('code') ?? '';
        const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
        const { body } = await this.post(form, `deleted-later:${made.secret}`);
        const before = await statusOf(body.access_token);
        await db(server.site).delete(OAuth2Client, { id: made.client.id });
        return same([before, await statusOf(body.access_token)], [200, 401]);
      }
      case 'password-changed': {
        // Optional; we leave it to `rf revoke-user-tokens`, since a new hash of the same password would end tokens too.
        const tokens = await this.codeTokens('conf', 'bob');
        const bob = await users(server.site).findOneByOrFail({ username: 'bob' });
        const { password } = bob;
        await bob.setPassword('another');
        await users(server.site).update(bob.id, { password: bob.password });
        const { status } = await refresh(tokens.refresh_token);
        await users(server.site).update(bob.id, { password });
        return same(status, 200);
      }
      case 'scope-removed-from-client': {
        const tokens = await this.codeTokens('conf');
        await this.setScopes('conf', ['write', 'notes:read']);
        const { status } = await refresh(tokens.refresh_token);
        await this.setScopes('conf', ['read', 'write', 'notes:read']);
        const wide = await this.codeTokens('conf', 'alice', 'read write');
        await this.setScopes('conf', ['read']);
        const { body } = await refresh(wide.refresh_token);
        await this.setScopes('conf', ['read', 'write', 'notes:read']);
        return same([status, body.scope], [400, 'read']);
      }
      default:
        return 'no such lifecycle is known';
    }
  }

  async metadata({ path: target, required }: Vectors['metadata']): Promise<string | null> {
    const response = await fetch(this.server.url + target);
    const document = (await response.json()) as Record<string, unknown>;
    const missing = required.filter((name) => document[name] === undefined);
    if (missing.length > 0) return `it lacks ${missing.join(', ')}`;
    return same(
      [
        document.issuer,
        document.code_challenge_methods_supported,
        document.authorization_response_iss_parameter_supported,
      ],
      [this.server.url, ['S256'], true],
    );
  }

  private post(form: Readonly<Record<string, string>>, basic: string | null = null): Promise<Answer> {
    return send(this.tokenUrl, form, basic === null ? {} : { basic });
  }

  private async code(clientId: string, username = 'alice', scope = 'read'): Promise<string> {
    const answer = await authorize(
      this.server,
      { clientId },
      { username, params: { scope, code_challenge: CHALLENGE } },
    );
    return answer.get('code') ?? '';
  }

  private async codeTokens(clientId: string, username = 'alice', scope = 'read'): Promise<any> {
    const code = await this.code(clientId, username, scope);
    const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER };
    return (await this.post(form, `${clientId}:${SECRET}`)).body;
  }

  private async passwordTokens(): Promise<any> {
    // The login throttle counts by minute.
    this.server.clock.now += 60_000;
    const form = { grant_type: 'password', username: 'alice', password: 'pw', scope: 'read' };
    return (await this.post(form, `pw:${SECRET}`)).body;
  }

  private async insertToken(scope: string): Promise<string> {
    const manager = db(this.server.site);
    const token = makeOpaqueToken('oat_');
    const now = this.server.clock.now;
    await manager.insert(OAuth2AccessToken, {
      tokenHash: hashOpaqueToken(token),
      client: await manager.findOneByOrFail(OAuth2Client, { clientId: 'conf' }),
      user: await users(this.server.site).findOneByOrFail({ username: 'alice' }),
      scope,
      family: '00000000-0000-4000-8000-000000000000',
      expires: new Date(now + 60_000),
      created: new Date(now),
    });
    return token;
  }

  private async setActive(username: string, isActive: boolean): Promise<void> {
    await users(this.server.site).update({ username }, { isActive });
  }

  private async setScopes(clientId: string, scopes: string[]): Promise<void> {
    await db(this.server.site).update(OAuth2Client, { clientId }, { scopes });
  }
}

const basicOf = ({ basic }: HttpRecord): { basic?: string } => (basic == null ? {} : { basic });

const sorted = (object: Readonly<Record<string, unknown>>): [string, unknown][] =>
  Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1));
