import { randomBytes } from 'node:crypto';
import { secretBox } from '@rf/auth';
import { type App, defineApp } from '@rf/project';
import {
  deleteDigestPasswordCommand,
  listDigestPasswordsCommand,
  setDigestPasswordCommand,
} from './commands/digest-passwords.ts';
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
    commands: [setDigestPasswordCommand, listDigestPasswordsCommand, deleteDigestPasswordCommand],
    resources(site) {
      site.provide(digestOptionsKey, {
        ...options,
        nonces: settings.nonces?.(site) ?? new SignedNonces(site),
        decoySealed: secretBox(site).seal(randomBytes(32).toString('hex')),
      });
    },
    checks: [
      () =>
        options.algorithms.some((algorithm) => algorithm.startsWith('MD5'))
          ? [
              {
                id: 'digest.W001',
                level: 'warning',
                deploy: true,
                message: 'Digest accepts MD5.',
                hint: "Write algorithms: ['SHA-256'], unless a client knows no other.",
              },
            ]
          : [],
    ],
  });
}
