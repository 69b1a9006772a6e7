import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./server.ts', import.meta.url));

/** A request as it goes to every process, the same bytes to each. */
export interface Sent {
  readonly method?: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Another process that serves the project. */
export class ServerProcess {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {}

  static async start(environment: Readonly<Record<string, string>>): Promise<ServerProcess> {
    const words = ['--conditions=@rf/source', '--import=tsx', script];
    const env = { ...process.env, ...environment };
    const child = spawn(process.execPath, words, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const [port] = await Promise.race([
      once(lines, 'line'),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`a server ended with ${code}`))),
    ]);
    return new ServerProcess(child, Number(port));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The status of the answer. */
  send({ method = 'GET', target, headers = {}, body }: Sent): Promise<number> {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest(
        {
          host: '127.0.0.1',
          port: this.port,
          method,
          path: target,
          agent: this.#agent,
          headers: { ...headers, ...length },
        },
        (incoming) => incoming.resume().on('end', () => resolve(incoming.statusCode ?? 0)),
      );
      outgoing.on('error', reject).end(body);
    });
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    if (this.child.exitCode !== null) return;
    this.child.stdin?.end();
    await once(this.child, 'exit');
  }
}
