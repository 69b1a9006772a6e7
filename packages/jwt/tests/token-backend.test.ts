import { createHmac } from 'node:crypto';
import { JwtKey, jwtAlgorithms, TokenError } from '@rf/jwt';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backend, claims, NOW, SECRET } from './backend.ts';

const encoded = (value: string | Uint8Array) => Buffer.from(value).toString('base64url');

/** Signs any bytes as header and payload with the test secret, as an insider of another service could. */
function forge(payload: string | Uint8Array, header: string | Uint8Array = '{"alg":"HS256","typ":"JWT"}'): string {
  const input = `${encoded(header)}.${encoded(payload)}`;
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`;
}

const forgeClaims = (extra: object) => forge(JSON.stringify(claims(extra as Record<string, unknown>)));

async function refusal(token: string, rules = {}): Promise<string | undefined> {
  try {
    await (await backend(rules)).decode(token);
    return undefined;
  } catch (error) {
    if (error instanceof TokenError) return error.reason;
    throw error;
  }
}

describe('TokenBackend', () => {
  test('reads back what it signed, with every algorithm', async () => {
    for (const algorithm of jwtAlgorithms) {
      const tokens = await backend({}, [await JwtKey.generate(algorithm)]);
      const token = await tokens.encode(claims());
      expect(await tokens.decode(token), algorithm).toEqual(claims());
      expect(JSON.parse(Buffer.from(token.split('.')[0] as string, 'base64url').toString())).toMatchObject({
        alg: algorithm,
        typ: 'JWT',
      });
    }
  });

  test('refuses a token in which any one bit is different', async () => {
    const token = await (await backend()).encode(claims());
    for (let at = 0; at < token.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = Buffer.from(token, 'latin1');
        changed[at] = (changed[at] as number) ^ (1 << bit);
        expect(await refusal(changed.toString('latin1')), `bit ${bit} of character ${at}`).toBeDefined();
      }
    }
  });

  test.each(jwtAlgorithms)(
    'refuses a token of %s in which any one bit of a part is different',
    async (algorithm) => {
      const tokens = await backend({}, [await JwtKey.generate(algorithm)]);
      const parts = (await tokens.encode(claims())).split('.');
      for (const [index, part] of parts.entries()) {
        const bytes = Buffer.from(part, 'base64url');
        for (let at = 0; at < bytes.length * 8; at += 1) {
          const changed = Buffer.from(bytes);
          changed[at >> 3] = (changed[at >> 3] as number) ^ (1 << (at & 7));
          const token = parts.with(index, changed.toString('base64url')).join('.');
          await expect(tokens.decode(token)).rejects.toThrow(TokenError);
        }
      }
      expect(await tokens.decode(parts.join('.'))).toEqual(claims());
    },
    60_000,
  );

  test('refuses what it accepted before, once it has expired or its key has gone', async () => {
    let now = NOW;
    const keys = [await JwtKey.generate('ES256')];
    const tokens = await backend({ clock: () => now * 1000 }, keys);
    const token = await tokens.encode(claims({ exp: NOW + 60 }));
    expect([await tokens.decode(token), await tokens.decode(token)]).toEqual(Array(2).fill(claims({ exp: NOW + 60 })));

    now = NOW + 60;
    await expect(tokens.decode(token)).rejects.toThrow('Token is expired');
    now = NOW;
    keys.pop();
    await expect(tokens.decode(token)).rejects.toThrow('Token is invalid');
  });

  test('still tells right from wrong after thousands of tokens', async () => {
    const tokens = await backend();
    const made = await Promise.all(Array.from({ length: 2100 }, (_, at) => tokens.encode(claims({ at }))));
    for (let round = 0; round < 2; round += 1) {
      for (const [at, token] of made.entries()) expect((await tokens.decode(token)).at).toBe(at);
    }
    const [head, , tail] = (made[0] as string).split('.');
    const [, body] = (made[1] as string).split('.');
    await expect(tokens.decode(`${head}.${body}.${tail}`)).rejects.toThrow('Token is invalid');
  });

  test('knows one spelling of a token', async () => {
    const token = await (await backend()).encode(claims());
    const [header, payload, signature] = token.split('.') as [string, string, string];
    const last = signature.at(-1) as string;
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const sibling = alphabet[alphabet.indexOf(last) ^ 1] as string;
    for (const spelling of [
      ` ${token}`,
      `${token} `,
      `${token}\n`,
      `${token}=`,
      `${header} .${payload}.${signature}`,
      `${header}.${payload}==.${signature}`,
      `${header}.${payload}.${signature.slice(0, -1)}${sibling}`,
      `${header}.${payload}.${signature}.`,
      `${header}.${payload}`,
      JSON.stringify({ payload, protected: header, signature }),
    ]) {
      expect(await refusal(spelling), JSON.stringify(spelling)).toBeDefined();
    }
  });

  test('refuses over-long tokens before it looks at them', async () => {
    expect(await refusal(`${'a'.repeat(1 << 20)}.a.a`)).toBe('longer than 8192 characters');
  });

  test('refuses claims that name a member twice, at any depth and under any escape', async () => {
    const rest = `"token_type":"access","exp":${NOW + 300}`;
    const reason = 'claims are not a JSON object with unique names';
    expect(await refusal(forge(`{${rest},"user_id":"1","user_id":"2"}`))).toBe(reason);
    expect(await refusal(forge(`{${rest},"user_id":"1","user\\u005fid":"2"}`))).toBe(reason);
    expect(await refusal(forge(`{${rest},"act":[{"sub":1,"sub":1}]}`))).toBe(reason);
    expect(await refusal(forge(`{${rest},"a":{"x":"a,\\"x\\":"},"b":{"x":["x","x"]}}`))).toBeUndefined();
  });

  test('refuses a header that names a member twice', async () => {
    const token = forge(JSON.stringify(claims()), '{"alg":"none","alg":"HS256"}');
    expect(await refusal(token)).toBe('header is not a JSON object with unique names');
  });

  test('refuses claims that are not UTF-8, have a byte order mark or are no object', async () => {
    const good = Buffer.from(JSON.stringify(claims()));
    for (const payload of [
      Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), good]),
      Buffer.from('7b2275736572223a22ff227d', 'hex'),
      'null',
      '[]',
      '"x"',
      '{',
      '',
    ]) {
      expect(await refusal(forge(payload))).toBe('claims are not a JSON object with unique names');
    }
  });

  test('refuses critical headers and unencoded payloads', async () => {
    const payload = JSON.stringify(claims());
    expect(await refusal(forge(payload, '{"alg":"HS256","crit":["exp"],"exp":1}'))).toBe('critical header extensions');
    expect(await refusal(forge(payload, '{"alg":"HS256","b64":true}'))).toBe('unencoded payload');
  });

  test('takes the algorithm from the key, never from the token', async () => {
    const hs384 = await backend({}, [await JwtKey.from('x'.repeat(48), 'HS384')]);
    const hs256 = await backend({}, [await JwtKey.from('x'.repeat(48), 'HS256')]);
    await expect(hs256.decode(await hs384.encode(claims()))).rejects.toThrow('Token is invalid');
  });

  test('verifies EdDSA and Ed25519 with one key, and signs under the name asked for', async () => {
    const key = await JwtKey.generate('Ed25519');
    const old = await backend({}, [await JwtKey.from(JSON.parse(key.exportPrivate()), 'EdDSA')]);
    const token = await old.encode(claims());
    expect(Buffer.from(token.split('.')[0] as string, 'base64url').toString()).toContain('"alg":"EdDSA"');
    expect(await (await backend({}, [key])).decode(token)).toEqual(claims());
  });

  test('expires at exp itself, and later by the leeway', async () => {
    expect(await refusal(forgeClaims({ exp: NOW + 0.001 }))).toBeUndefined();
    expect(await refusal(forgeClaims({ exp: NOW }))).toBe('exp has passed');
    expect(await refusal(forgeClaims({ exp: NOW - 1 }))).toBe('exp has passed');
    expect(await refusal(forgeClaims({ exp: NOW - 10 }), { leeway: 10 })).toBe('exp has passed');
    expect(await refusal(forgeClaims({ exp: NOW - 9 }), { leeway: 10 })).toBeUndefined();
  });

  test('begins at nbf itself, and earlier by the leeway', async () => {
    expect(await refusal(forgeClaims({ nbf: NOW }))).toBeUndefined();
    expect(await refusal(forgeClaims({ nbf: NOW + 1 }))).toBe('nbf is in the future');
    expect(await refusal(forgeClaims({ nbf: NOW + 10 }), { leeway: 10 })).toBeUndefined();
    expect(await refusal(forgeClaims({ nbf: NOW + 11 }), { leeway: 10 })).toBe('nbf is in the future');
  });

  test('refuses a token that was issued in the future', async () => {
    expect(await refusal(forgeClaims({ iat: NOW + 1 }))).toBe('iat is in the future');
    expect(await refusal(forgeClaims({ iat: NOW + 1 }), { leeway: 1 })).toBeUndefined();
  });

  test('refuses times that are missing, no numbers or too far away', async () => {
    expect(await refusal(forge('{"token_type":"access"}'))).toBe('exp is missing');
    expect(await refusal(forgeClaims({ exp: '1700000300' }))).toBe('exp is not a number of seconds');
    expect(await refusal(forgeClaims({ exp: null }))).toBe('exp is not a number of seconds');
    expect(await refusal(forgeClaims({ nbf: [NOW] }))).toBe('nbf is not a number of seconds');
    expect(await refusal(forgeClaims({ exp: 1e300 }))).toBe('exp is further away than maxLifetime');
    expect(await refusal(forgeClaims({ exp: NOW + 61 }), { maxLifetime: 60 })).toBe(
      'exp is further away than maxLifetime',
    );
    expect(await refusal(forgeClaims({ exp: NOW + 60 }), { maxLifetime: 60 })).toBeUndefined();
  });

  test('compares issuer and audience as whole texts', async () => {
    const rules = { issuer: 'https://api.example', audience: ['notes', 'mail'] };
    const good = { iss: 'https://api.example', aud: 'notes' };
    expect(await refusal(forgeClaims(good), rules)).toBeUndefined();
    expect(await refusal(forgeClaims({ ...good, aud: ['other', 'mail'] }), rules)).toBeUndefined();
    expect(await refusal(forgeClaims({ ...good, aud: 'note' }), rules)).toBe('aud');
    expect(await refusal(forgeClaims({ ...good, aud: [] }), rules)).toBe('aud');
    expect(await refusal(forgeClaims({ iss: good.iss }), rules)).toBe('aud');
    expect(await refusal(forgeClaims({ ...good, iss: 'https://api.example/' }), rules)).toBe('iss');
    expect(await refusal(forgeClaims({ ...good, iss: ['https://api.example'] }), rules)).toBe('iss');
    expect(await refusal(forgeClaims({ aud: 'notes' }), rules)).toBe('iss');
  });

  test('refuses a token for somebody else when it has no audience itself', async () => {
    expect(await refusal(forgeClaims({ aud: 'mail' }))).toBe('aud names somebody, and jwt() has no audience');
  });

  test('asks for the typ header it was set to', async () => {
    const payload = JSON.stringify(claims());
    const typed = (typ: string) => forge(payload, `{"alg":"HS256","typ":"${typ}"}`);
    expect(await refusal(forge(payload, '{"alg":"HS256"}'))).toBeUndefined();
    expect(await refusal(typed('jwt'))).toBeUndefined();
    expect(await refusal(typed('at+jwt'))).toBe('typ header');
    expect(await refusal(typed('application/at+jwt'), { typ: 'at+jwt' })).toBeUndefined();
    expect(await refusal(typed('JWT'), { typ: 'at+jwt' })).toBe('typ header');
    expect(await refusal(forge(payload, '{"alg":"HS256"}'), { typ: 'at+jwt' })).toBe('typ header');
  });

  test('picks the key by kid, and knows no other key by an unknown kid', async () => {
    const one = await JwtKey.from('1'.repeat(32), 'HS256', { kid: 'one' });
    const two = await JwtKey.from('2'.repeat(32), 'HS256', { kid: 'two' });
    const both = await backend({}, [one, two]);
    expect(await both.decode(await (await backend({}, [two])).encode(claims()))).toEqual(claims());

    const impostor = await backend({}, [await JwtKey.from('1'.repeat(32), 'HS256', { kid: 'two' })]);
    await expect(both.decode(await impostor.encode(claims()))).rejects.toThrow('Token is invalid');
    const unknown = await backend({}, [await JwtKey.from('1'.repeat(32), 'HS256', { kid: '../one' })]);
    await expect(both.decode(await unknown.encode(claims()))).rejects.toThrow('Token is invalid');
    const nameless = await backend({}, [await JwtKey.from('1'.repeat(32), 'HS256')]);
    expect(await both.decode(await nameless.encode(claims()))).toEqual(claims());
  });

  test('sets issuer, audience and kid', async () => {
    const key = await JwtKey.from(SECRET, 'HS256', { kid: 'k1' });
    const token = await (await backend({ issuer: 'me', audience: ['you'] }, [key])).encode(claims());
    const [header, payload] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    expect(JSON.parse(header as string)).toEqual({ alg: 'HS256', typ: 'JWT', kid: 'k1' });
    expect(JSON.parse(payload as string)).toMatchObject({ iss: 'me', aud: 'you' });
  });

  test('throws nothing but TokenError, whatever it is given', async () => {
    const tokens = await backend();
    const part = fc.oneof(fc.string(), fc.json().map(encoded), fc.uint8Array().map(encoded));
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
        await expect(tokens.decode(parts.join('.'))).rejects.toBeInstanceOf(TokenError);
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async (payload) => {
        await expect(tokens.decode(forge(payload))).rejects.toBeInstanceOf(TokenError);
      }),
    );
  });
});
