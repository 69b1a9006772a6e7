import { accessToken } from './access-token.ts';
import { basic } from './basic.ts';
import { custom } from './custom.ts';
import { digest } from './digest.ts';
import { hawk } from './hawk.ts';
import { httpSignature } from './http-signature.ts';
import { jwt } from './jwt.ts';
import { oauth1 } from './oauth1.ts';
import { oauth2 } from './oauth2.ts';
import { openid } from './openid.ts';
import type { Scheme } from './scheme.ts';
import { token } from './token.ts';

/** Every authentication scheme, each on endpoints of its own. */
export const schemes: readonly Scheme[] = [
  basic,
  token,
  custom,
  accessToken,
  jwt,
  oauth2,
  openid,
  oauth1,
  digest,
  hawk,
  httpSignature,
];
