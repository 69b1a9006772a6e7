import { createPrivateKey, randomUUID } from 'node:crypto';
import { users } from '@rf/auth';
import { getOrCreateToken } from '@rf/authtoken';
import {
  createSignatureKey,
  HttpSignatureAuthentication,
  httpSignature as httpSignatureApp,
  signatureKeyUrls,
  signMessage,
} from '@rf/http-signature';
import { db } from '@rf/orm';
import { authenticationClasses, path } from '@rf/views';
import type { Scheme } from './scheme.ts';
import { Whoami } from './whoami.ts';

const ONE_DAY = 24 * 60 * 60;
const RESOURCE = '/http-signature/whoami/';

@authenticationClasses(HttpSignatureAuthentication)
class SignedWhoami extends Whoami {}

/** Every request is signed, with a key that members register themselves; here one that was signed before, so that `curl` can send it: good for five minutes, and once. */
export const httpSignature: Scheme = {
  apps: [httpSignatureApp()],
  urls: [path(RESOURCE, SignedWhoami), signatureKeyUrls('/signature-keys/')],
  async hints(site, origin) {
    const alice = await users(site).findOneByOrFail({ username: 'alice' });
    const token = (await getOrCreateToken(db(site), alice)).key;
    const { key, privateKey = '' } = await createSignatureKey(site, alice, { name: 'demo', lifetime: ONE_DAY });
    const { signatureInput, signature } = signMessage(
      { method: 'GET', scheme: 'http', authority: new URL(origin).host, target: RESOURCE, fields: [] },
      {
        algorithm: key.algorithm,
        key: createPrivateKey(privateKey),
        components: ['@method', '@authority', '@path', '@query'],
        parameters: { created: Math.floor(site.clock() / 1000), keyid: key.keyId, nonce: randomUUID() },
      },
    );
    return [
      [
        'A signed request, once within five minutes',
        `curl -H 'Signature-Input: ${signatureInput}' -H 'Signature: ${signature}' ${origin}${RESOURCE}`,
      ],
      [
        'A key of your own to sign with, its secret shown once',
        `curl -H 'Authorization: Token ${token}' -d name=laptop -d algorithm=hmac-sha256 ${origin}/signature-keys/`,
      ],
      [
        'The public half of a key that never leaves your machine',
        `curl -H 'Authorization: Token ${token}' -d name=laptop -d algorithm=ed25519 --data-urlencode "publicKey=$(openssl genpkey -algorithm ed25519 | openssl pkey -pubout)" ${origin}/signature-keys/`,
      ],
    ];
  },
};
