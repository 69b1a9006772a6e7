import { type IncomingMessage, request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { type AbstractUser, auth, type AuthSettings, createUser, login, ScryptPasswordHasher, users } from '@rf/auth';
import { authtoken, Token } from '@rf/authtoken';
import { restFramework } from '@rf/fastify';
import { db } from '@rf/orm';
import { type App, defineProject, migrateDatabase, MigrationGraph, openProject, type ProjectSite } from '@rf/project';
import {
  APIView,
  authenticationClasses,
  mount,
  path,
  permissionClasses,
  type Request,
  Response,
  type UrlEntry,
} from '@rf/views';
import Fastify from 'fastify';

/** A user of a file of vectors. */
export interface VectorUser {
  readonly username: string;
  readonly password?: string;
  readonly is_active?: boolean;
  /** Key of the user's token. */
  readonly token?: string;
}

export interface Sent {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** What the body says when it is JSON, else its text; null when there is none. */
  readonly body: unknown;
}

/** The view of the vectors: who came, and with what. */
export abstract class WhoView extends APIView {
  #answer(request: Request): Response {
    const { user, auth: credential } = request;
    const shown = credential === null || credential === undefined ? null : credential.constructor.name;
    return new Response({ user: String(user), auth: shown });
  }

  override get(request: Request): Response {
    return this.#answer(request);
  }
  override post(request: Request): Response {
    return this.#answer(request);
  }
  override put(request: Request): Response {
    return this.#answer(request);
  }
  override delete(request: Request): Response {
    return this.#answer(request);
  }
}

/** Starts a session for whoever the URL names. */
@authenticationClasses()
@permissionClasses()
class LoginAs extends APIView {
  override async post(request: Request): Promise<unknown> {
    const user = await users(request).findOneByOrFail({ username: this.params.username });
    await login(request, user);
    return {};
  }
}

/** A project on a real socket with the users of a file of vectors. */
export class VectorServer {
  private constructor(
    readonly site: ProjectSite,
    readonly port: number,
    private readonly shut: () => Promise<unknown>,
  ) {}

  static async start(options: {
    readonly users: readonly VectorUser[];
    readonly urls: readonly UrlEntry[];
    readonly apps?: readonly App[];
    readonly auth?: AuthSettings;
    /** Milliseconds since 1970; the real time unless given. */
    readonly clock?: () => number;
  }): Promise<VectorServer> {
    const project = defineProject({
      apps: [
        auth({
          passwordHashers: [new ScryptPasswordHasher({ N: 16, r: 1, p: 1 })],
          loginThrottle: null,
          ...options.auth,
        }),
        authtoken(),
        ...(options.apps ?? []),
      ],
      database: 'pglite://memory',
      secretKey: 'vectors hold no secrets, but a key must be long enough',
      settings: { trustedProxies: 1 },
      ...(options.clock === undefined ? {} : { clock: options.clock }),
      urls: [path('/__login__/:username/', LoginAs), ...options.urls],
    });
    const site = await openProject(project);
    await migrateDatabase(site.dataSource, project, await MigrationGraph.load(project));
    const manager = db(site);
    for (const { username, password = 'pw', is_active = true, token } of options.users) {
      const user: AbstractUser = await createUser(site, { username, password, isActive: is_active });
      if (token !== undefined) await manager.save(manager.create(Token, { key: token, user }));
    }
    const app = Fastify();
    await app.register(restFramework, { project: site });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as { port: number };
    return new VectorServer(site, port, () => app.close().then(() => site.close()));
  }

  /** Sends a request, headers as they are; text beyond Latin-1 goes out in UTF-8. */
  send(method: string, target: string, headers: Readonly<Record<string, string>> = {}, body?: string): Promise<Sent> {
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest(
        {
          host: '127.0.0.1',
          port: this.port,
          method,
          path: target,
          headers: { ...Object.fromEntries(Object.entries(headers).map(toBytes)), ...length },
          agent: false,
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              body: text === '' ? null : isJson(incoming) ? JSON.parse(text) : text,
            });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  /** Hands a request to the view itself: for what no HTTP parser lets through, such as NUL in a header. */
  async handle(method: string, target: string, headers: Readonly<Record<string, string>>): Promise<Sent> {
    const match = this.site.urls.resolve(target);
    if (match === null) throw new Error(`${target} is no URL of this project`);
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
    const response = await mount(match.route, this.site).handle(
      {
        method,
        target,
        headers: Object.fromEntries(lower),
        rawHeaders: lower.flat(),
        remoteAddress: '127.0.0.1',
        scheme: 'http',
        id: 'inside',
        stream: Readable.from([]),
        raw: null,
      },
      match.params,
    );
    const body = response.content === null ? null : JSON.parse(String(response.content));
    return { status: response.status, headers: Object.fromEntries(response.headers), body };
  }

  /** The session cookie of a new login. */
  async sessionOf(username: string): Promise<string> {
    const { headers } = await this.send('POST', `/__login__/${username}/`);
    const cookies = ([] as string[]).concat(headers['set-cookie'] ?? []);
    return cookies.find((cookie) => cookie.startsWith('sessionid='))?.split(';', 1)[0] ?? '';
  }

  close(): Promise<unknown> {
    return this.shut();
  }
}

const isJson = ({ headers }: IncomingMessage): boolean =>
  headers['content-type']?.startsWith('application/json') === true;

function toBytes([name, value]: [string, string]): [string, string] {
  // The range of Latin-1
  return [name, /^[\u0000-\u00ff]*$/.test(value) ? value : Buffer.from(value).toString('latin1')];
}
