import { inspect } from 'node:util';
import { type AbstractUser, createUser } from '@rf/auth';
import { AccessToken, OutstandingToken, RefreshToken, SlidingToken, type TokenClass, UntypedToken } from '@rf/jwt';
import { atomic, db } from '@rf/orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NOW } from './backend.ts';
import { TestServer } from './server.ts';

let server: TestServer;
let alice: AbstractUser;

beforeAll(async () => {
  server = await TestServer.start();
});
beforeEach(async () => {
  await server.reset();
  alice = await createUser(server.site, { username: 'alicia' });
});
afterAll(() => server.close());

describe('a token made by hand', () => {
  test('names the user as text and lives as long as its kind', async () => {
    const token = await AccessToken.forUser(server.site, alice);
    expect(token.claims).toEqual({
      token_type: 'access',
      exp: NOW + 300,
      iat: NOW,
      jti: expect.stringMatching(/^[0-9a-f]{32}$/),
      user_id: String(alice.id),
    });
    expect([token.userId, token.exp, token.iat]).toEqual([String(alice.id), NOW + 300, NOW]);
  });

  test('ends when setExp says', async () => {
    const token = AccessToken.create(server.site);
    expect(token.setExp({ lifetime: 60 }).exp).toBe(NOW + 60);
    expect(token.setExp({ from: NOW + 10 }).exp).toBe(NOW + 310);
    expect(token.setExp({ claim: 'other', lifetime: 5 }).get('other')).toBe(NOW + 5);
  });

  test('is itself again after it was sent', async () => {
    const token = (await AccessToken.forUser(server.site, alice)).set('plan', { name: 'pro' });
    const received = await AccessToken.verify(server.site, await token.encode());
    expect(received.claims).toEqual(token.claims);
    expect(received).toBeInstanceOf(AccessToken);
  });

  test('takes any name for a claim, and knows only its own', () => {
    const token = AccessToken.create(server.site).set('__proto__', 1).set('constructor', 2);
    expect([token.get('__proto__'), token.get('constructor'), token.get('toString')]).toEqual([1, 2, undefined]);
    expect([token.has('toString'), token.delete('constructor').has('constructor')]).toEqual([false, false]);
  });

  test('shows neither itself nor the keys of the project when it is printed', async () => {
    const token = await AccessToken.forUser(server.site, alice);
    const printed = `${inspect(token, { depth: 10 })} ${JSON.stringify({ token })} ${token}`;
    expect(printed).toContain(`AccessToken ${token.jti}`);
    expect(printed).not.toMatch(/eyJ|the secret key of the test project/);
  });

  test('has the words of its scope claim as scopes', () => {
    const token = AccessToken.create(server.site);
    expect(token.scopes).toEqual(new Set());
    expect(token.set('scope', 'read  write').scopes).toEqual(new Set(['read', 'write']));
    expect(token.set('scope', ['read']).scopes).toEqual(new Set());
  });
});

describe('RefreshToken', () => {
  test('makes access tokens with its own claims, but with type, id and times of theirs', async () => {
    const refresh = (await RefreshToken.forUser(server.site, alice)).set('plan', 'pro');
    server.clock.now += 5;
    const access = refresh.accessToken;
    expect(access).toBeInstanceOf(AccessToken);
    expect(access.claims).toMatchObject({ token_type: 'access', plan: 'pro', user_id: String(alice.id), iat: NOW + 5 });
    expect([access.exp, access.jti === refresh.jti]).toEqual([NOW + 305, false]);
    expect(refresh.accessToken.jti).not.toBe(access.jti);
  });

  test('makes the kind of access token that its class names', async () => {
    class ShortToken extends AccessToken {
      static override lifetime() {
        return 30;
      }
    }
    class Refresh extends RefreshToken {
      static override readonly accessTokenClass: TokenClass<AccessToken> = ShortToken;
    }
    const { accessToken } = await Refresh.forUser(server.site, alice);
    expect(accessToken).toBeInstanceOf(ShortToken);
    expect(accessToken.exp).toBe(NOW + 30);
  });

  test('can be taken back, and twice is no error', async () => {
    const refresh = await RefreshToken.forUser(server.site, alice);
    const text = await refresh.encode();
    await refresh.blacklist();
    await refresh.blacklist();
    expect(await refresh.isBlacklisted()).toBe(true);
    await expect(RefreshToken.verify(server.site, text)).rejects.toThrow('Token is blacklisted');
  });

  test('belongs to the transaction around it', async () => {
    const failing = atomic(server.site, async () => {
      const user = await createUser(server.site, { username: 'brief' });
      await RefreshToken.forUser(server.site, user);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await db(server.site).count(OutstandingToken)).toBe(0);
  });
});

describe('kinds of token', () => {
  test('are not taken for each other', async () => {
    const kinds = [AccessToken, RefreshToken, SlidingToken];
    for (const made of kinds) {
      const text = await (await (made as typeof AccessToken).forUser(server.site, alice)).encode();
      for (const wanted of kinds.filter((kind) => kind !== made)) {
        await expect((wanted as typeof AccessToken).verify(server.site, text)).rejects.toThrow('Token has wrong type');
      }
      expect(await UntypedToken.verify(server.site, text)).toBeInstanceOf(UntypedToken);
    }
  });
});
