// One endpoint for each authentication scheme, for schemes.ts, which starts it and asks it over IPC.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { auth, BasicAuthentication, createUser, login, SessionAuthentication } from '@rf/auth';
import {
  AccessTokenAuthentication,
  authtoken,
  createToken,
  issueAccessToken,
  TokenAuthentication,
} from '@rf/authtoken';
import { DigestAuthentication, digest, setDigestPassword } from '@rf/digest';
import { restFramework } from '@rf/fastify';
import { createHawkCredential, HawkAuthentication, hawk } from '@rf/hawk';
import {
  CavageSignatureAuthentication,
  createSignatureKey,
  HttpSignatureAuthentication,
  httpSignature,
} from '@rf/http-signature';
import { JWTAuthentication, JWTStatelessUserAuthentication, jwt, RefreshToken } from '@rf/jwt';
import { createConsumer, issueOAuth1AccessToken, OAuthAuthentication, oauth1, oauth1Provider } from '@rf/oauth1';
import { createClient, OAuth2Authentication, oauth2, oauth2Provider, oauth2Urls } from '@rf/oauth2';
import { dataSource, db } from '@rf/orm';
import { defineProject, migrate, openProject } from '@rf/project';
import {
  APIView,
  type AuthenticationClass,
  authenticationClasses,
  IsAuthenticated,
  path,
  permissionClasses,
  type Request,
  type UrlEntry,
} from '@rf/views';
import Fastify from 'fastify';

/** What the parent needs to know. */
export interface SchemesReady {
  readonly port: number;
  /** Value of the header by scheme; of `session` a cookie. */
  readonly headers: Readonly<Record<string, string>>;
  readonly hawk: { readonly id: string; readonly key: string };
  readonly signatures: {
    /** The secret is Base64. */
    readonly hmac: { readonly keyId: string; readonly secret: string };
    /** The key is PEM. */
    readonly ed25519: { readonly keyId: string; readonly privateKey: string };
  };
  readonly oauth1: Readonly<Record<'consumerKey' | 'consumerSecret' | 'token' | 'tokenSecret', string>>;
}

/** Answers of the server's process to `reset` and `read`. */
export interface ServerUse {
  readonly cpuMicroseconds: number;
  readonly loopDelayP99Ms: number;
  /** Statements that were sent to the database. */
  readonly statements: number;
}

function me(target: string, ...schemes: AuthenticationClass[]): UrlEntry {
  @authenticationClasses(...schemes)
  @permissionClasses(...(schemes.length > 0 ? [IsAuthenticated] : []))
  class Me extends APIView {
    override get(request: Request): unknown {
      return { user: request.user.getUsername() };
    }
  }
  return path(target, Me);
}

@authenticationClasses()
class Login extends APIView {
  override async post(request: Request): Promise<unknown> {
    await login(request, await createUser(request, { username: `visitor${Date.now()}`, password: 'pw' }));
    return {};
  }
}

const project = defineProject({
  apps: [
    // What a flood of hashes costs is to be seen.
    auth({ loginThrottle: null }),
    authtoken(),
    digest(),
    hawk(),
    httpSignature(),
    jwt(),
    oauth1(),
    oauth2({ scopes: { read: 'Read' }, clientCredentialsUser: 'owner' }),
  ],
  database: process.env.DATABASE_URL ?? 'pglite://memory',
  secretKey: 'the secret key of a benchmark, long enough',
  urls: [
    me('/none'),
    me('/token', TokenAuthentication),
    me('/access-token', AccessTokenAuthentication),
    me('/session', SessionAuthentication),
    me('/jwt', JWTAuthentication),
    me('/jwt-stateless', JWTStatelessUserAuthentication),
    me('/oauth2', OAuth2Authentication),
    me('/oauth1', OAuthAuthentication),
    me('/digest', DigestAuthentication),
    me('/hawk', HawkAuthentication),
    me('/signature-hmac-sha256', HttpSignatureAuthentication),
    me('/signature-ed25519', HttpSignatureAuthentication),
    me('/cavage', CavageSignatureAuthentication),
    me('/basic', BasicAuthentication),
    path('/login', Login),
    oauth2Urls('/oauth2/'),
  ],
});
await migrate(project);
const site = await openProject(project);
const app = Fastify();
await app.register(restFramework, { project: site });
const origin = await app.listen({ port: 0, host: '127.0.0.1' });

const alice = await createUser(site, { username: 'alice', password: 'pw' });
await setDigestPassword(site, alice, 'digest-pw');
const { credential, key } = await createHawkCredential(site, alice);
const hmac = await createSignatureKey(site, alice, { algorithm: 'hmac-sha256' });
const ed25519 = await createSignatureKey(site, alice, { algorithm: 'ed25519' });
const access = await issueAccessToken(site, alice, { name: 'benchmark' });
const accessJwt = await (await RefreshToken.forUser(site, alice)).accessToken.setExp({ lifetime: 3600 }).encode();
const client = await createClient(db(site), oauth2Provider(site), {
  name: 'Benchmark',
  clientType: 'confidential',
  grants: ['client_credentials'],
  owner: alice,
});
const issued = await fetch(`${origin}/oauth2/token/`, {
  method: 'POST',
  body: new URLSearchParams({ grant_type: 'client_credentials' }),
  headers: { authorization: `Basic ${btoa(`${client.client.clientId}:${client.secret}`)}` },
});
const { access_token: oauth2Token } = (await issued.json()) as { access_token: string };
const consumer = await createConsumer(site, { name: 'Benchmark' });
const signing = await issueOAuth1AccessToken(db(site), oauth1Provider(site), {
  consumer: consumer.consumer,
  user: alice,
});
const cookies = (await fetch(`${origin}/login`, { method: 'POST' })).headers.getSetCookie();

const ready: SchemesReady = {
  port: Number(new URL(origin).port),
  hawk: { id: credential.keyId, key },
  signatures: {
    hmac: { keyId: hmac.key.keyId, secret: hmac.secret as string },
    ed25519: { keyId: ed25519.key.keyId, privateKey: ed25519.privateKey as string },
  },
  oauth1: {
    consumerKey: consumer.consumer.key,
    consumerSecret: consumer.secret ?? '',
    token: signing.token,
    tokenSecret: signing.secret,
  },
  headers: {
    token: `Token ${(await createToken(db(site), alice)).key}`,
    'access-token': `Bearer ${access.text}`,
    session: cookies.map((cookie) => cookie.split(';', 1)[0]).join('; '),
    jwt: `Bearer ${accessJwt}`,
    'jwt-stateless': `Bearer ${accessJwt}`,
    oauth2: `Bearer ${oauth2Token}`,
    basic: `Basic ${btoa('alice:pw')}`,
  },
};

let statements = 0;
const { logger } = dataSource(site);
const logQuery = logger.logQuery.bind(logger);
logger.logQuery = (...args) => {
  statements += 1;
  logQuery(...args);
};

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
let before = process.cpuUsage();
process.on('message', (message) => {
  if (message === 'reset') {
    delay.reset();
    before = process.cpuUsage();
    statements = 0;
  }
  const { user, system } = process.cpuUsage(before);
  const use: ServerUse = { cpuMicroseconds: user + system, loopDelayP99Ms: delay.percentile(99) / 1e6, statements };
  process.send?.(use);
});
process.on('disconnect', () => process.exit(0));
process.send?.(ready);
