import { connect } from 'node:net';
import { restFramework, type RestFrameworkOptions, restFrameworkServerOptions } from '@rf/fastify';
import { defineProject } from '@rf/project';
import type { Settings, UrlEntry } from '@rf/views';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';

/** What a test server is made of. */
export interface ServerDefinition {
  readonly urls: readonly UrlEntry[];
  readonly settings?: Partial<Settings>;
  readonly options?: FastifyServerOptions;
  readonly healthChecks?: RestFrameworkOptions['healthChecks'];
  /** Called before the project is mounted. */
  readonly before?: (app: FastifyInstance) => unknown;
  /** Called after the project was mounted. */
  readonly after?: (app: FastifyInstance) => unknown;
}

/** A project on a server that listens. */
export class Server {
  readonly #lines: string[] = [];

  private constructor(
    readonly app: FastifyInstance,
    readonly port: number,
    lines: string[],
  ) {
    this.#lines = lines;
  }

  static async start(definition: ServerDefinition): Promise<Server> {
    const lines: string[] = [];
    const stream = { write: (line: string) => void lines.push(line) };
    const app = Fastify(restFrameworkServerOptions({ logger: { level: 'info', stream }, ...definition.options }));
    const { urls, settings = {}, healthChecks = false } = definition;
    const project = defineProject({ apps: [], database: 'pglite://memory', secretKey: 'for tests', urls, settings });
    await definition.before?.(app);
    await app.register(restFramework, { project, healthChecks });
    await definition.after?.(app);
    await app.listen({ port: 0, host: '127.0.0.1' });
    return new Server(app, (app.server.address() as { port: number }).port, lines);
  }

  /** What was logged, one JSON text a line. */
  get log(): string {
    return this.#lines.join('');
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, init);
  }

  /** Sends bytes as they are on a connection of their own and reads until the server closes it. */
  raw(...pieces: readonly (string | Buffer)[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, '127.0.0.1');
      let answer = '';
      socket.setEncoding('latin1');
      socket.on('data', (text) => {
        answer += text;
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(answer));
      socket.on('connect', () => {
        for (const piece of pieces) socket.write(piece);
      });
    });
  }

  close(): Promise<void> {
    return this.app.close();
  }
}

/** A GET with `Connection: close` and more header lines. */
export const get = (target: string, ...headers: string[]): string =>
  [`GET ${target} HTTP/1.1`, 'Host: test', 'Connection: close', ...headers, '', ''].join('\r\n');
