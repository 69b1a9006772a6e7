import { checkProviderUrls } from '@rf/auth';
import { ImproperlyConfigured } from '@rf/exceptions';
import { dataSource } from '@rf/orm';
import type { Check, CheckMessage } from '@rf/project';
import type { Site } from '@rf/views';
import type { ResolvedOAuth1Options } from './options.ts';
import { rsaKeyProblem } from './rsa-key.ts';

/** What `rf check` says of the provider. */
export function oauth1Checks(options: ResolvedOAuth1Options): Check {
  return (project) => {
    const found: (CheckMessage | false)[] = [
      ...checkProviderUrls(project, { label: 'oauth1', loginUrl: options.loginUrl, noLoginId: 'oauth1.E001' }),
      options.signatureMethods.includes('PLAINTEXT') && {
        id: 'oauth1.W002',
        level: 'warning',
        deploy: true,
        message: 'oauth1() allows PLAINTEXT, which sends both secrets with each request; it is refused without TLS.',
        hint: 'Serve https only: behind a proxy that ends TLS, set settings.trustedProxies. Better, sign with HMAC-SHA256.',
      },
      !options.tlsRequired && {
        id: 'oauth1.W003',
        level: 'warning',
        deploy: true,
        message: 'oauth1() gives out secrets over http, which RFC 5849, sections 2.1 and 2.3, forbids.',
        hint: 'Leave tlsRequired out: behind a proxy that ends TLS, set settings.trustedProxies.',
      },
      options.signatureMethods.includes('RSA-SHA1') && {
        id: 'oauth1.W004',
        level: 'warning',
        deploy: true,
        message: 'oauth1() allows RSA-SHA1, whose hash is broken for signatures.',
        hint: 'Use RSA-SHA256 or RSA-SHA512.',
      },
    ];
    return found.filter((message) => message !== false);
  };
}

/** Throws ImproperlyConfigured when a key that may not be was written past our checks into the table. */
export async function refuseWeakKeys(site: Site): Promise<void> {
  const source = dataSource(site);
  // Before the first migration there is no table to look at.
  const [table]: { name: string | null }[] = await source.query("SELECT to_regclass('oauth1_consumer')::text AS name");
  if (table?.name === null) return;
  const consumers: { key: string; rsa_public_key: string }[] = await source.query(
    "SELECT key, rsa_public_key FROM oauth1_consumer WHERE rsa_public_key IS NOT NULL AND status = 'accepted'",
  );
  for (const { key, rsa_public_key: pem } of consumers) {
    const problem = rsaKeyProblem(pem);
    if (problem === null) continue;
    throw new ImproperlyConfigured(
      `The OAuth1 consumer ${key} has an RSA key which ${problem}. Correct rsa_public_key in its row of oauth1_consumer, or set ` +
        'its status to canceled.',
    );
  }
}
