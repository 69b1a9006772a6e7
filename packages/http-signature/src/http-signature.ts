import { type App, defineApp } from '@rf/project';
import { createSignatureKeyCommand } from './commands/create-signature-key.ts';
import { listSignatureKeysCommand } from './commands/list-signature-keys.ts';
import { revokeSignatureKeyCommand } from './commands/revoke-signature-key.ts';
import { rotateSignatureKeyCommand } from './commands/rotate-signature-key.ts';
import { httpSignatureChecks } from './checks.ts';
import { httpSignatureOptionsKey, type HttpSignatureSettings } from './http-signature-options.ts';
import { HttpSignature0001Initial } from './migrations/0001-initial.ts';
import { readOptions } from './read-options.ts';
import { SignatureKey } from './signature-key.ts';

/**
 * HTTP signatures: put it after `auth()` among the apps of a project.
 *
 * Throws ImproperlyConfigured for settings that cannot work.
 */
export function httpSignature(settings: HttpSignatureSettings = {}): App {
  const options = readOptions(settings);
  return defineApp({
    label: 'http_signature',
    entities: [SignatureKey],
    migrations: [HttpSignature0001Initial],
    commands: [
      createSignatureKeyCommand,
      listSignatureKeysCommand,
      rotateSignatureKeyCommand,
      revokeSignatureKeyCommand,
    ],
    resources(site) {
      site.provide(httpSignatureOptionsKey, options);
    },
    checks: [httpSignatureChecks(options)],
  });
}
