import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type ClientContext, expectSame } from './foreign-client.ts';
import { serveSignatures } from './http-signature-server.ts';

export const name = 'the lines of docs/how-to/http-signatures.md: project, commands, client, and Python httpsig';
export const requires = ['python3-httpsig', 'python3-requests', 'openssl'];
export const serve = serveSignatures;

const root = resolve(import.meta.dirname, '../..');
/** The key id of the page. */
const WRITTEN = '5f0c9a6e1b7d2a4438e6c0d1';

export async function run(baseUrl: string, context: ClientContext): Promise<void> {
  const page = readFileSync(join(root, 'docs/how-to/http-signatures.md'), 'utf8');
  const [project = '', client = ''] = blocks(page, 'ts');
  const [python = ''] = blocks(page, 'python');
  const commands = [...page.matchAll(/^\$ (.*)$/gm)].map(([, line = '']) => line);

  const pem = context.values['rsa-v1_5-sha256'] as string;
  const lines = inserted(python, {
    '…': pem.replaceAll('\n', '\\n'),
    [WRITTEN]: 'rsa-v1_5-sha256',
    'http://127.0.0.1:8000': baseUrl,
  });
  const printed = await context.execute('/usr/bin/python3', ['-c', lines]);
  expectSame(context, 'httpsig', printed.startsWith('200 '), true);

  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'how-to-'));
  try {
    await readThrough(folder, { project, client, commands }, context);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Does what the page says, in this folder. */
async function readThrough(
  folder: string,
  { project, client, commands }: { project: string; client: string; commands: readonly string[] },
  context: ClientContext,
): Promise<void> {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'project.ts'), project);
  writeFileSync(
    join(folder, 'rf'),
    `#!/bin/sh\nexec "${process.execPath}" "${join(root, 'packages/cli/bin/rf.mjs')}" "$@"\n`,
  );
  chmodSync(join(folder, 'rf'), 0o755);
  const type = (line: string) => context.execute('bash', ['-c', `cd "${folder}" && PATH="${folder}:$PATH" && ${line}`]);
  const [first = '', pair = '', create = '', list = '', rotate = '', revoke = ''] = commands;

  await type(inserted(first, { createsuperuser: 'createsuperuser --username alice --noinput' }));
  await type(pair);
  const keyId = /^keyid (\S+)$/m.exec(await type(create))?.[1] ?? '';
  const ask = async (): Promise<string> => {
    const server = await serveFolder(folder);
    const proxy = await serveTls(server.port);
    try {
      const script = inserted(client, { 'https://api.example.com': proxy.url, [WRITTEN]: keyId });
      writeFileSync(join(folder, 'client.ts'), script);
      const node = `"${process.execPath}" --conditions=@rf/source --import=tsx client.ts`;
      return (await type(node)).trim();
    } finally {
      await proxy.close();
      await server.close();
    }
  };
  expectSame(context, 'the client', await ask(), `200 { from: 'alice', key: '${keyId}' }`);
  const listed = await type(list);
  expectSame(context, 'listed', [listed.includes(keyId), listed.includes('valid')], [true, true]);
  await type(pair.replaceAll('alice', 'new'));
  await type(rotate.replace(WRITTEN, keyId));
  await type(revoke.replace(WRITTEN, keyId));
  expectSame(context, 'the client, revoked', await ask(), "401 { detail: 'Invalid signature.' }");
}

const blocks = (page: string, language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text = '']) => text);

/** The text with what a reader would write in its place. */
function inserted(text: string, values: Readonly<Record<string, string>>): string {
  let result = text;
  for (const [written, meant] of Object.entries(values)) {
    if (!text.includes(written)) throw new Error(`${written} does not stand on the page`);
    result = result.replaceAll(written, () => meant);
  }
  return result;
}

/** `rf serve` of a project. */
async function serveFolder(folder: string): Promise<{ port: number; close(): Promise<void> }> {
  const child = spawn(join(folder, 'rf'), ['serve', '--port', '0', '--log-level', 'error'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /Listening on http:\/\/[^:]+:(\d+)/.exec(line)?.[1];
    if (port === undefined) continue;
    const close = async (): Promise<void> => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    };
    return { port: Number(port), close };
  }
  throw new Error('The server ended before it listened.');
}

/** What stands in front of it and would end TLS: the proxy that `trustedProxies: 1` means. */
async function serveTls(port: number): Promise<{ url: string; close(): Promise<void> }> {
  const proxy = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const told = {
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'api.example.com',
      'x-forwarded-for': '192.0.2.1',
    };
    const passed = httpRequest(
      { port, host: '127.0.0.1', method, path: url, headers: { ...headers, ...told } },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    incoming.pipe(passed);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    async close() {
      proxy.closeAllConnections();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
