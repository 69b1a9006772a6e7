import { auth, type AuthSettings, ScryptPasswordHasher } from '@rf/auth';
import { type App, defineProject, type ProjectSite } from '@rf/project';
import { openTestProject, type TestProject } from '@rf/testing';
import type { Logger, Settings, UrlEntry } from '@rf/views';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; null when it is something else. */
  // any: any JSON
  readonly json: any;
}

/** A project on a real socket, with a clock that a test moves. */
export class TestServer {
  /** Milliseconds since 1970. */
  now = Date.parse('2026-01-02T03:04:05Z');
  /** Lines of the project's log. */
  readonly log: string[] = [];
  /** Lines of the server's own log, of every level. */
  readonly serverLog: string[] = [];

  private constructor(
    readonly tested: TestProject,
    readonly origin: string,
  ) {}

  get site(): ProjectSite {
    return this.tested.site;
  }

  static async start(options: {
    readonly urls: readonly UrlEntry[];
    readonly auth?: AuthSettings;
    readonly apps?: readonly App[];
    readonly settings?: Partial<Settings>;
  }): Promise<TestServer> {
    let server: TestServer | undefined;
    const write = (data: object, message: string): void =>
      void server?.log.push(`${message} ${JSON.stringify(data, showErrors)}`);
    const logger: Logger = { debug: write, info: write, warn: write, error: write };
    const project = defineProject({
      apps: [
        auth({ passwordHashers: [new ScryptPasswordHasher({ N: 16, r: 1, p: 1 })], ...options.auth }),
        ...(options.apps ?? []),
      ],
      database: 'pglite://memory',
      secretKey: 'the secret key of a test, long enough',
      urls: options.urls,
      ...(options.settings !== undefined && { settings: options.settings }),
    });
    const stream = { write: (line: string): void => void server?.serverLog.push(line) };
    const tested = await openTestProject(project, {
      clock: () => server?.now ?? Date.now(),
      logger,
      server: { logger: { level: 'trace', stream } },
    });
    server = new TestServer(tested, await tested.listen());
    return server;
  }

  async send(
    method: string,
    path: string,
    {
      headers = {},
      json,
      form,
    }: { headers?: Record<string, string>; json?: unknown; form?: Record<string, string> } = {},
  ): Promise<Answer> {
    const body =
      form === undefined
        ? json === undefined
          ? undefined
          : JSON.stringify(json)
        : new URLSearchParams(form).toString();
    const type = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded';
    const response = await fetch(this.origin + path, {
      method,
      redirect: 'manual',
      headers: { ...(body !== undefined && { 'Content-Type': type }), ...headers },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    const isJson = text !== '' && (response.headers.get('content-type')?.includes('json') ?? false);
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null };
  }

  close(): Promise<void> {
    return this.tested.close();
  }
}

/** An Error has no members of its own to show. */
const showErrors = (_key: string, value: unknown): unknown =>
  value instanceof Error ? `${value.name}: ${value.message}` : value;

/** What a browser keeps between requests. */
export class Browser {
  readonly cookies = new Map<string, string>();

  constructor(readonly server: TestServer) {}

  async send(...[method, path, options = {}]: Parameters<TestServer['send']>): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...(cookie !== '' && { Cookie: cookie }), ...options.headers };
    const answer = await this.server.send(method, path, { ...options, headers });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const name = pair.slice(0, pair.indexOf('='));
      if (/max-age=0/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, pair.slice(pair.indexOf('=') + 1));
    }
    return answer;
  }

  /** The CSRF header that goes with the cookie. */
  get csrf(): Record<string, string> {
    return { 'X-CSRFToken': this.cookies.get('csrftoken') ?? '' };
  }
}
