import { randomBytes } from 'node:crypto';
import { secretBox } from '@rf/auth';
import { type App, defineApp } from '@rf/project';
import {
  createHawkCredentialCommand,
  deleteHawkCredentialCommand,
  listHawkCredentialsCommand,
} from './commands/hawk-credentials.ts';
import { hawkRequestCommand } from './commands/hawk-request.ts';
import { HawkCredential } from './hawk-credential.ts';
import { hawkOptions, hawkOptionsKey, type HawkSettings } from './hawk-options.ts';
import { Hawk0001Initial } from './migrations/0001-initial.ts';

/** Hawk: put it after `auth()` among the apps of a project. Throws ImproperlyConfigured for a skew that cannot be. */
export function hawk(settings: HawkSettings = {}): App {
  const options = hawkOptions(settings);
  return defineApp({
    label: 'hawk',
    entities: [HawkCredential],
    migrations: [Hawk0001Initial],
    commands: [
      createHawkCredentialCommand,
      listHawkCredentialsCommand,
      deleteHawkCredentialCommand,
      hawkRequestCommand,
    ],
    resources(site) {
      const decoySealed = secretBox(site).seal(randomBytes(32).toString('base64url'));
      site.provide(hawkOptionsKey, { ...options, decoySealed });
    },
    checks: [
      () =>
        options.bewit || options.sha1 || !options.payloadRequired
          ? [
              {
                id: 'hawk.W001',
                level: 'warning',
                deploy: true,
                message: 'Hawk is weakened by bewit: true, sha1: true or payloadRequired: false.',
                hint: 'Bewits can be used again, SHA-1 is old, and a body without a hash is not signed: leave these out.',
              },
            ]
          : [],
    ],
  });
}
