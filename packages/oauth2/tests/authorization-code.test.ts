import { afterAll, beforeAll, expect, test } from 'vitest';
import { authorize, CALLBACK, obtainTokens, send, type Server, startServer, VERIFIER, whoAmI } from './server.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

test('a code is exchanged for tokens that authenticate the user', async () => {
  const made = await server.client();
  const tokens = await obtainTokens(server, made);
  expect(tokens).toEqual({
    access_token: expect.stringMatching(/^oat_/),
    expires_in: 3600,
    token_type: 'Bearer',
    scope: 'read write',
    refresh_token: expect.stringMatching(/^ort_/),
  });
  const me = await whoAmI(server, tokens.access_token);
  expect(me.status).toBe(200);
  expect(me.body.user).toBe('alice');
});
