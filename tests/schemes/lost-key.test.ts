import { SecretBox } from '@rf/auth';
import { db } from '@rf/orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, type Prover, type SchemeServer, startSchemeServer } from './scheme-server.ts';

/** As they were before somebody changed the secret key and named the former one nowhere. */
const former = { secretKey: 'the secret key before it was changed', secretKeyFallbacks: [] };

let server: SchemeServer;
beforeAll(async () => {
  server = await startSchemeServer();
});
afterAll(() => server.close());

test.each([
  ['digest', 'digest_credential', 'ha1_sealed', undefined],
  ['hawk', 'hawk_credential', 'key_sealed', undefined],
  ['bewit', 'hawk_credential', 'key_sealed', undefined],
  ['oauth1-header', 'oauth1_consumer', 'secret_sealed', '@rf/oauth1'],
])(
  'a credential of %s whose secret was sealed with a lost key is refused, and one line of the log says which row of %s it is',
  async (name, table, column, purpose) => {
    const manager = db(server.site);
    const [{ id, kept }] = await manager.query(`SELECT id, "${column}" AS kept FROM "${table}"`);
    const status = async () => ask(server.origin, `/${name}/`, await (server.provers[name] as Prover)(`/${name}/`));
    const write = (sealed: string) => manager.query(`UPDATE "${table}" SET "${column}" = $1`, [sealed]);
    expect(await status()).toBe(200);

    const box = new SecretBox(former, purpose);
    const sealed = box.seal('what only the former key opens');
    for (const [stored, key] of [
      [sealed, sealed.split('.')[1]],
      [`${kept.slice(0, -4)}AAAA`, kept.split('.')[1]],
      ['no sealed text', null],
    ]) {
      await write(stored);
      server.lines.length = 0;
      expect(await status()).toBe(401);
      const told = server.lines.map((line) => JSON.parse(line)).filter(({ level }) => level >= 50);
      expect(told).toHaveLength(1);
      expect(told[0]).toMatchObject({ table, row: id, key });
      expect(told[0].msg).toContain('secretKeyFallbacks');
      for (const secret of [stored, 'the secret key before']) expect(server.lines.join('')).not.toContain(secret);
    }
    await write(kept);
    expect(await status()).toBe(200);
  },
);
