import { execFileSync, type ExecFileSyncOptions, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A PostgreSQL server that a test may kill: Debian's programs on a folder and a port of its own. */
export class OwnPostgres {
  private constructor(
    private readonly binaries: string,
    private readonly folder: string,
    private readonly port: number,
    private readonly owner: ExecFileSyncOptions,
  ) {}

  static async create(): Promise<OwnPostgres> {
    const binaries = findBinaries();
    const folder = mkdtempSync(join(tmpdir(), 'rf-faults-'));
    const owner = ownerOf(folder);
    execFileSync(
      join(binaries, 'initdb'),
      ['-D', join(folder, 'data'), '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
      { ...owner, stdio: 'ignore' },
    );
    const postgres = new OwnPostgres(binaries, folder, await freePort(), owner);
    await postgres.start();
    return postgres;
  }

  get url(): string {
    return `postgresql://postgres@127.0.0.1:${this.port}/postgres`;
  }

  /** Starts the server, or starts it again, and waits until it takes connections. */
  async start(): Promise<void> {
    const args = ['-D', join(this.folder, 'data'), '-p', String(this.port), '-k', this.folder, '-h', '127.0.0.1', '-F'];
    spawn(join(this.binaries, 'postgres'), args, { ...this.owner, stdio: 'ignore', detached: true }).unref();
    for (let attempt = 0; attempt < 300; attempt += 1) {
      try {
        execFileSync(join(this.binaries, 'psql'), [this.url, '-qtAc', 'SELECT 1'], { stdio: 'ignore' });
        return;
      } catch {
        await sleep(100);
      }
    }
    throw new Error('PostgreSQL does not start.');
  }

  /** As by a crash: SIGKILL to the server and everything that it started. */
  async kill(): Promise<void> {
    const pid = Number(readFileSync(join(this.folder, 'data', 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
    // It leads a process group of its own.
    process.kill(-pid, 'SIGKILL');
    while (await accepts(this.port)) await sleep(20);
  }

  async remove(): Promise<void> {
    await this.kill().catch(() => {});
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function findBinaries(): string {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => join(root, version, 'bin')).find((path) => existsSync(join(path, 'initdb')));
  if (found === undefined) throw new Error('There is no PostgreSQL server here: apt-get install postgresql');
  return found;
}

/** PostgreSQL does not run as root. */
function ownerOf(folder: string): ExecFileSyncOptions {
  if (process.getuid?.() !== 0) return { cwd: folder };
  const id = (option: string) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
  const [uid, gid] = [id('-u'), id('-g')];
  chownSync(folder, uid, gid);
  return { cwd: folder, uid, gid };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
