import { auth, type AuthSettings, createUser, ScryptPasswordHasher, userModel } from '@rf/auth';
import { JWTAuthentication, jwksUrl, jwt, type JwtOptions, jwtUrls } from '@rf/jwt';
import { defineProject, type ProjectSite } from '@rf/project';
import { FetchClient, openTestProject, type TestProject } from '@rf/testing';
import {
  APIView,
  authenticationClasses,
  IsAuthenticated,
  type Logger,
  path,
  permissionClasses,
  type Request,
  Response,
  type Settings,
  type UrlEntry,
} from '@rf/views';
import { NOW } from './backend.ts';

/** Says who came, and with what. */
@authenticationClasses(JWTAuthentication)
@permissionClasses(IsAuthenticated)
export class WhoAmI extends APIView {
  override get(request: Request) {
    return new Response({ user: request.user.getUsername(), auth: request.auth?.constructor.name ?? null });
  }

  override post(request: Request) {
    return this.get(request);
  }
}

export interface TestServerOptions {
  readonly jwt?: JwtOptions;
  readonly auth?: AuthSettings;
  readonly urls?: readonly UrlEntry[];
  readonly settings?: Partial<Settings>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // any: any JSON
  readonly body: any;
}

/** A project with users alice (password `pw`) and inactive. */
export class TestServer {
  private constructor(
    private readonly tested: TestProject,
    /** Seconds since 1970 of the project; a test may move it. */
    readonly clock: { now: number },
    /** Everything that was logged, as text. */
    readonly log: string[],
  ) {}

  get site(): ProjectSite {
    return this.tested.site;
  }

  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const clock = { now: NOW };
    const log: string[] = [];
    const write = (data: object, message: string) => log.push(`${message} ${JSON.stringify(data)}`);
    const logger: Logger = { debug: write, info: write, warn: write, error: write };
    const project = defineProject({
      apps: [
        auth({ passwordHashers: [new ScryptPasswordHasher({ N: 16, r: 1, p: 1 })], ...options.auth }),
        jwt(options.jwt),
      ],
      database: 'pglite://memory',
      urls: [jwtUrls('/api/token/'), jwksUrl(), path('/me/', WhoAmI), ...(options.urls ?? [])],
      settings: options.settings ?? {},
      secretKey: 'the secret key of the test project, long enough',
    });
    const tested = await openTestProject(project, { clock: () => clock.now * 1000, logger });
    const server = new TestServer(tested, clock, log);
    await server.reset();
    return server;
  }

  /** Everything as at the start: the two users, no tokens, an empty log, the clock at {@link NOW}. */
  async reset(): Promise<void> {
    this.clock.now = NOW;
    const { tableName } = this.site.dataSource.getMetadata(userModel(this.site));
    await this.site.dataSource.query(
      `TRUNCATE "${tableName}", token_blacklist_outstandingtoken RESTART IDENTITY CASCADE`,
    );
    await createUser(this.site, { username: 'alice', password: 'pw' });
    await createUser(this.site, { username: 'inactive', password: 'pw', isActive: false });
    this.log.length = 0;
  }

  close(): Promise<void> {
    return this.tested.close();
  }

  /** Its address on a real socket. */
  listen(): Promise<string> {
    return this.tested.listen();
  }

  async request(method: string, target: string, init: RequestInit = {}): Promise<Answer> {
    // A client of its own, so that no cookie comes along that the test does not send.
    const response = await new FetchClient(this.tested).fetch(target, { ...init, method });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  }

  get(target: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.request('GET', target, { headers });
  }

  post(target: string, body: object, headers: Record<string, string> = {}): Promise<Answer> {
    const init = { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
    return this.request('POST', target, init);
  }

  /** The tokens of alice. */
  async obtain(): Promise<{ refresh: string; access: string }> {
    return (await this.post('/api/token/', { username: 'alice', password: 'pw' })).body;
  }

  refresh(token: string): Promise<Answer> {
    return this.post('/api/token/refresh/', { refresh: token });
  }

  me(token: string): Promise<Answer> {
    return this.get('/me/', { authorization: `Bearer ${token}` });
  }
}

/** The claims of a token, unverified. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString());
}
