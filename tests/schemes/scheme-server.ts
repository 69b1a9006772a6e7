import { createPrivateKey, randomBytes } from 'node:crypto';
import {
  type AbstractUser,
  auth,
  authUrls,
  BasicAuthentication,
  createUser,
  login,
  PBKDF2PasswordHasher,
  SessionAuthentication,
  users,
} from '@rf/auth';
import {
  AccessTokenAuthentication,
  authtoken,
  createToken,
  issueAccessToken,
  obtainAuthToken,
  TokenAuthentication,
} from '@rf/authtoken';
import { DigestAuthentication, digest, digestHA1, digestResponse, setDigestPassword } from '@rf/digest';
import { restFramework } from '@rf/fastify';
import { createHawkCredential, HawkAuthentication, hawk, hawkMac, writeBewit } from '@rf/hawk';
import {
  CavageSignatureAuthentication,
  cavageSigningString,
  createSignature,
  createSignatureKey,
  HttpSignatureAuthentication,
  httpSignature,
  signMessage,
} from '@rf/http-signature';
import { JWTAuthentication, jwt, jwtUrls, RefreshToken } from '@rf/jwt';
import { createConsumer, OAuthAuthentication, oauth1, oauth1Urls } from '@rf/oauth1';
import { createClient, grantTypes, OAuth2Authentication, oauth2, oauth2Provider, oauth2Urls } from '@rf/oauth2';
import { db } from '@rf/orm';
import { defineProject, migrateDatabase, MigrationGraph, openProject, type ProjectSite } from '@rf/project';
import { createTestDatabase } from '@rf/testing/database';
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
import { headerOf, signedParameters } from '../../packages/oauth1/tests/server.ts';

/** What a client sends to prove who it is. */
export interface Proof {
  /** Added to the target. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What must not be logged. */
  readonly secrets: readonly string[];
}

export type Prover = (target: string) => Promise<Proof> | Proof;

class Crash extends APIView {
  override async get(request: Request): Promise<unknown> {
    if (!request.queryParams.has('crash')) return {};
    // The database repeats what it was given.
    return db(request).query('SELECT $1::int', [request.headers.authorization ?? request.headers.cookie ?? 'x']);
  }
}

function viewBy(name: string, ...classes: AuthenticationClass[]): UrlEntry {
  @authenticationClasses(...classes)
  @permissionClasses(IsAuthenticated)
  class View extends Crash {}
  return path(`/${name}/`, View);
}

@authenticationClasses()
@permissionClasses()
class LogIn extends APIView {
  override async post(request: Request) {
    await login(request, await users(request).findOneByOrFail({ username: 'alice' }));
    return {};
  }
}

/** The views: `/basic/` and so on, each with one scheme. */
export const schemes: Readonly<Record<string, AuthenticationClass>> = {
  basic: BasicAuthentication,
  token: TokenAuthentication,
  'access-token': AccessTokenAuthentication,
  session: SessionAuthentication,
  jwt: JWTAuthentication,
  oauth2: OAuth2Authentication,
  digest: DigestAuthentication,
  hawk: HawkAuthentication,
  bewit: HawkAuthentication,
  'oauth1-header': OAuthAuthentication,
  'oauth1-query': OAuthAuthentication,
  signature: HttpSignatureAuthentication,
  cavage: CavageSignatureAuthentication,
};

/** Every order of the schemes that say `Bearer`; the views are at `/jwt-oauth2-access-token/` and so on. */
export const bearerOrders: readonly (readonly string[])[] = [
  ['jwt', 'oauth2', 'access-token'],
  ['jwt', 'access-token', 'oauth2'],
  ['oauth2', 'jwt', 'access-token'],
  ['oauth2', 'access-token', 'jwt'],
  ['access-token', 'jwt', 'oauth2'],
  ['access-token', 'oauth2', 'jwt'],
];

/** A project with every scheme, each request one transaction, on a server that Fastify made with no option but a logger. */
export interface SchemeServer {
  readonly site: ProjectSite;
  readonly origin: string;
  /** Of each of {@link schemes}. */
  readonly provers: Readonly<Record<string, Prover>>;
  /** The `Authorization` of an OAuth 2.0 client that has every grant. */
  readonly client: string;
  /** What was logged, line by line. */
  readonly lines: string[];
  close(): Promise<void>;
}

export async function startSchemeServer(): Promise<SchemeServer> {
  const database = await createTestDatabase();
  const lines: string[] = [];
  const project = defineProject({
    apps: [
      auth({ passwordHashers: [new PBKDF2PasswordHasher(1)], loginThrottle: null }),
      authtoken(),
      jwt(),
      oauth2({
        scopes: { read: 'Read your notes' },
        allowPasswordGrant: true,
        clientCredentialsUser: 'owner',
      }),
      oauth1({ twoLegged: true }),
      digest(),
      hawk({ bewit: true }),
      httpSignature(),
    ],
    database: database.url,
    secretKey: 'the secret key of the test project, long enough',
    settings: { atomicRequests: true },
    urls: [
      path('/log-in/', LogIn),
      authUrls('/accounts/'),
      path('/api-token-auth/', obtainAuthToken),
      jwtUrls('/api/token/'),
      oauth2Urls('/o2/'),
      oauth1Urls('/o1/'),
      ...Object.entries(schemes).map(([name, scheme]) => viewBy(name, scheme)),
      ...bearerOrders.map((names) =>
        viewBy(names.join('-'), ...names.map((name) => schemes[name] as AuthenticationClass)),
      ),
    ],
  });
  const logger = { level: 'trace', stream: { write: (line: string) => void lines.push(line) } };
  const app = Fastify({ logger });
  const site = await openProject(project, { logger: app.log });
  await migrateDatabase(site.dataSource, project, await MigrationGraph.load(project));
  await app.register(restFramework, { project: site });
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  const alice = await createUser(site, { username: 'alice', password: 'pw-of-alice' });
  const { client, secret } = await createClient(db(site), oauth2Provider(site), {
    name: 'test',
    clientType: 'confidential',
    grants: grantTypes,
    redirectUris: ['https://client.example/'],
    owner: alice,
  });
  const basic = `Basic ${Buffer.from(`${client.clientId}:${secret}`).toString('base64')}`;
  return {
    site,
    origin,
    client: basic,
    provers: await makeProvers(site, origin, alice, basic),
    lines,
    async close() {
      await app.close();
      await site.close();
      await database.remove();
    },
  };
}

/** Asks for a target with a proof; the status of the answer. */
export async function ask(origin: string, target: string, { query, headers = {} }: Proof): Promise<number> {
  const url = query === undefined ? target : `${target}${target.includes('?') ? '&' : '?'}${query}`;
  return (await fetch(origin + url, { headers })).status;
}

async function makeProvers(
  site: ProjectSite,
  origin: string,
  alice: AbstractUser,
  client: string,
): Promise<Readonly<Record<string, Prover>>> {
  const { host, hostname, port } = new URL(origin);
  const seconds = () => Math.floor(Date.now() / 1000);
  let cavageSeconds = seconds();
  const bearing = (authorization: string, ...secrets: string[]): Proof => ({
    headers: { authorization },
    secrets: [authorization, ...secrets],
  });

  const basic = Buffer.from('alice:pw-of-alice').toString('base64');
  const { key: token } = await createToken(db(site), alice);
  const { text: accessToken } = await issueAccessToken(site, alice, { name: 'test' });
  const signedIn = await fetch(`${origin}/log-in/`, { method: 'POST' });
  const [session = ''] = (signedIn.headers.getSetCookie()[0] ?? '').split(';');
  await setDigestPassword(site, alice, 'digest-pw-of-alice');
  const { credential, key: hawkKey } = await createHawkCredential(site, alice);
  const consumer = await createConsumer(site, { name: 'test', owner: alice, callbacks: ['https://client.example/'] });
  const signing = await createSignatureKey(site, alice, { algorithm: 'ed25519' });
  const signingKey = createPrivateKey(signing.privateKey ?? '');

  const signedByConsumer = (target: string) =>
    signedParameters({ url: origin + target, ...consumer, timestamp: seconds() });
  return {
    basic: () => bearing(`Basic ${basic}`, basic, 'pw-of-alice'),
    token: () => bearing(`Token ${token}`, token),
    'access-token': () => bearing(`Bearer ${accessToken}`, accessToken),
    session: () => ({ headers: { cookie: session }, secrets: [session, session.split('=')[1] ?? ''] }),
    jwt: async () => {
      const { accessToken: access } = await RefreshToken.forUser(site, alice);
      const text = await access.encode();
      return bearing(`Bearer ${text}`, text, text.split('.')[2] ?? '');
    },
    oauth2: async () => {
      const grant_type = 'client_credentials';
      const response = await fetch(`${origin}/o2/token/`, {
        method: 'POST',
        headers: { authorization: client },
        body: new URLSearchParams({ grant_type }),
      });
      const { access_token: text } = (await response.json()) as { access_token: string };
      return bearing(`Bearer ${text}`, text, client);
    },
    digest: async (uri) => {
      const challenge = (await fetch(origin + uri)).headers.get('www-authenticate') ?? '';
      const [, nonce = ''] = /nonce="([^"]+)"/.exec(challenge) ?? [];
      const [, opaque = ''] = /opaque="([^"]+)"/.exec(challenge) ?? [];
      const ha1 = digestHA1('SHA-256', 'alice', 'api', 'digest-pw-of-alice');
      const shown = {
        algorithm: 'SHA-256',
        qop: 'auth',
        nonce,
        nc: '00000001',
        cnonce: 'c',
        uri,
        method: 'GET',
      } as const;
      const response = digestResponse({ ...shown, ha1 });
      return bearing(
        `Digest username="alice", realm="api", uri="${uri}", algorithm=SHA-256, nonce="${nonce}", nc=00000001, cnonce="c", qop=auth, response="${response}", opaque="${opaque}"`,
        response,
        nonce,
        ha1,
      );
    },
    hawk: (resource) => {
      const shown = { ts: seconds(), nonce: randomBytes(9).toString('base64url') };
      const mac = hawkMac('header', { ...shown, method: 'GET', resource, host: hostname, port }, hawkKey, 'sha256');
      const header = `Hawk id="${credential.keyId}", ts="${shown.ts}", nonce="${shown.nonce}", mac="${mac}"`;
      return bearing(header, mac, shown.nonce, hawkKey);
    },
    bewit: (resource) => {
      const ts = seconds() + 60;
      const artifacts = { ts, nonce: '', method: 'GET', resource, host: hostname, port, ext: '' };
      const mac = hawkMac('bewit', artifacts, hawkKey, 'sha256');
      const bewit = writeBewit({ id: credential.keyId, expires: String(ts), mac, ext: '' });
      return { query: `bewit=${bewit}`, secrets: [bewit, mac, hawkKey] };
    },
    'oauth1-header': (target) => {
      const parameters = signedByConsumer(target);
      const signature = parameters.at(-1)?.[1] ?? '';
      return bearing(headerOf(parameters), signature, encodeURIComponent(signature), consumer.secret ?? '');
    },
    'oauth1-query': (target) => {
      const parameters = signedByConsumer(target);
      const signature = parameters.at(-1)?.[1] ?? '';
      const query = String(new URLSearchParams(Object.fromEntries(parameters)));
      return { query, secrets: [query, signature, encodeURIComponent(signature)] };
    },
    signature: (target) => {
      const nonce = randomBytes(9).toString('base64url');
      const { signatureInput, signature } = signMessage(
        { method: 'GET', target, scheme: 'http', authority: host, fields: ['host', host] },
        {
          algorithm: 'ed25519',
          key: signingKey,
          label: 'sig1',
          components: ['@method', '@authority', '@path', '@query'],
          parameters: { created: seconds(), keyid: signing.key.keyId, nonce },
        },
      );
      return { headers: { 'signature-input': signatureInput, signature }, secrets: [signature, nonce] };
    },
    cavage: (target) => {
      // Each at a second of its own: equal texts would be one signature.
      cavageSeconds -= 1;
      const date = new Date(cavageSeconds * 1000).toUTCString();
      const headers = ['(request-target)', 'host', 'date'];
      const text = cavageSigningString(
        { headers, algorithm: 'hs2019', created: null, expires: null },
        { method: 'GET', target, scheme: 'http', authority: host, fields: ['host', host, 'date', date] },
      );
      const signature = createSignature('ed25519', signingKey, text).toString('base64');
      const header = `Signature keyId="${signing.key.keyId}",algorithm="hs2019",headers="${headers.join(' ')}",signature="${signature}"`;
      return { headers: { date, authorization: header }, secrets: [header, signature] };
    },
  };
}
