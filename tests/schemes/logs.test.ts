import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, type Proof, type Prover, type SchemeServer, schemes, startSchemeServer } from './scheme-server.ts';

let server: SchemeServer;
beforeAll(async () => {
  server = await startSchemeServer();
});
afterAll(() => server.close());

test.each(Object.keys(schemes))(
  'no line of the log holds what %s proves itself with, whether it is let in, refused, or the view crashes',
  async (name) => {
    server.lines.length = 0;
    const prove = server.provers[name] as Prover;
    const targets = [`/${name}/?page=1`, `/${name}/?crash=1`, `/${name}/?page=2`];
    const proofs = [];
    for (const target of targets) proofs.push(await prove(target));
    const [good, crashing, other] = proofs as [Proof, Proof, Proof];
    // Signed for another target, or with something added.
    const wrong = {
      ...(other.query !== undefined && { query: `${other.query}x` }),
      headers: Object.fromEntries(
        Object.entries(other.headers ?? {}).map(([field, value]) => [field, field === 'date' ? value : `${value}x`]),
      ),
      secrets: [],
    };
    expect(await ask(server.origin, targets[0] as string, good)).toBe(200);
    expect(await ask(server.origin, targets[1] as string, crashing)).toBe(500);
    expect([400, 401, 403]).toContain(await ask(server.origin, targets[2] as string, wrong));

    const log = server.lines.join('');
    expect(log).toContain(`/${name}/`);
    expect(log).toContain('unhandled error in a view');
    const secrets = proofs.flatMap(({ secrets: all }) => all);
    expect(secrets.length).toBeGreaterThan(2);
    for (const secret of secrets) expect(log).not.toContain(secret);
  },
);
