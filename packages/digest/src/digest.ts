import { type App, type CheckMessage, defineApp } from '@rf/project';
import { setDigestPasswordCommand } from './commands/set-digest-password.ts';
import { DigestCredential } from './digest-credential.ts';
import { SignedNonces } from './digest-nonces.ts';
import { digestOptions, digestOptionsKey, type DigestSettings } from './digest-options.ts';
import { Digest0001Initial } from './migrations/0001-initial.ts';

/** HTTP Digest: put it after `auth()` among the apps of a project. Throws ImproperlyConfigured for settings that cannot work. */
export function digest(settings: DigestSettings = {}): App {
  const options = digestOptions(settings);
  return defineApp({
    label: 'digest',
    entities: [DigestCredential],
    migrations: [Digest0001Initial],
    commands: [setDigestPasswordCommand],
    resources(site) {
      site.provide(digestOptionsKey, { ...options, nonces: settings.nonces?.(site) ?? new SignedNonces(site) });
    },
    checks: [
      () => {
        const tls: CheckMessage = {
          id: 'digest.W001',
          level: 'warning',
          deploy: true,
          message: 'Digest authentication hides the password, not the requests and answers.',
          hint: 'Serve it over https only (RFC 7616, section 5.1).',
        };
        const md5: CheckMessage = {
          id: 'digest.W002',
          level: 'warning',
          deploy: true,
          message: 'Digest accepts MD5.',
          hint: "Write algorithms: ['SHA-256'], unless a client knows no other.",
        };
        return options.algorithms.some((algorithm) => algorithm.startsWith('MD5')) ? [tls, md5] : [tls];
      },
    ],
  });
}
