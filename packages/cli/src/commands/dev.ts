import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { defineCommand } from '@rf/project';
import { FileWatcher } from '../file-watcher.ts';

/** `rf dev` */
export const dev = defineCommand({
  name: 'dev',
  help: 'Serve the project and start anew when a file changes.',
  options: {
    port: { type: 'string', short: 'p', help: 'port; the variable PORT, else 8000' },
    host: { type: 'string', help: 'address to listen on; the variable HOST, else 127.0.0.1' },
  },
  async run({ options, stdout }) {
    const words = ['serve'];
    if (options.port !== undefined) words.push('--port', options.port);
    if (options.host !== undefined) words.push('--host', options.host);
    const server = new RestartingServer(projectWords(process.argv), words);
    const watcher = new FileWatcher(process.cwd(), (file) => {
      stdout(`${file} changed.`);
      server.restart();
    });
    await server.run();
    watcher.close();
  },
});

/** A child process that serves; a new one takes over when asked. */
class RestartingServer {
  #child: ChildProcess | undefined;
  #isStopping = false;
  #wake: (() => void) | undefined;

  constructor(
    private readonly projectOption: readonly string[],
    private readonly words: readonly string[],
  ) {}

  /** Ends at a signal to stop, after the child has ended. */
  async run(): Promise<void> {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => this.#stop());
    while (!this.#isStopping) {
      const changed = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#child = spawn(
        process.execPath,
        [...process.execArgv, process.argv[1] as string, ...this.projectOption, ...this.words],
        { stdio: 'inherit' },
      );
      const [code] = await once(this.#child, 'exit');
      this.#child = undefined;
      // One that failed at its start waits for the next change, one that was told to end does not.
      if (!this.#isStopping && code !== 0) await changed;
    }
  }

  restart(): void {
    this.#child?.kill('SIGTERM');
    this.#wake?.();
  }

  #stop(): void {
    this.#isStopping = true;
    this.restart();
  }
}

/** `--project FILE` as it was given, for the child. */
function projectWords(argv: readonly string[]): string[] {
  const at = argv.findIndex((word) => word === '--project' || word.startsWith('--project='));
  if (at === -1) return [];
  return argv.slice(at, at + (argv[at] === '--project' ? 2 : 1));
}
