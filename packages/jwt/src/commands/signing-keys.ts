import { CommandError, defineCommand, UsageError } from '@rf/project';
import type { Site } from '@rf/views';
import { isJwtAlgorithm, type JwtAlgorithm, jwtAlgorithms } from '../algorithms.ts';
import { jwtService } from '../jwt-service.ts';
import { createSigningKey, rotateSigningKey } from '../signing-keys.ts';

const after = {
  type: 'string',
  default: '0',
  placeholder: 'SECONDS',
  help: 'sign with it only then, so that others have fetched its public half before',
} as const;

/** `rf generate-jwt-key --alg Ed25519` */
export const generateJwtKey = defineCommand({
  name: 'generate-jwt-key',
  help: 'Make a key for jwt({ keys: "table" }); the newest one signs, all verify.',
  options: {
    alg: { type: 'string', default: 'ES256', placeholder: 'NAME', help: `one of ${jwtAlgorithms.join(', ')}` },
    after,
  },
  async run({ options, site, stdout }) {
    const algorithm = readAlgorithm(options.alg);
    const open = await site();
    needTable(open);
    const key = await createSigningKey(open, algorithm, readSeconds(options.after));
    stdout(`Made key ${key.kid} for ${key.alg}. It signs from ${key.notBefore.toISOString()}.`);
  },
});

/** `rf rotate-jwt-key` */
export const rotateJwtKey = defineCommand({
  name: 'rotate-jwt-key',
  help: 'Make a key and retire those of its algorithm: they verify until the last token that they signed has ended.',
  options: {
    alg: {
      type: 'string',
      placeholder: 'NAME',
      help: "default that of the newest key; one that has no keys yet takes the place of the newest key's",
    },
    after,
  },
  async run({ options, site, stdout }) {
    const algorithm = options.alg === undefined ? undefined : readAlgorithm(options.alg);
    const open = await site();
    needTable(open);
    const { created, retired } = await rotateSigningKey(open, algorithm, readSeconds(options.after));
    stdout(`Made key ${created.kid} for ${created.alg}. It signs from ${created.notBefore.toISOString()}.`);
    for (const { kid, retiredAt } of retired) stdout(`Key ${kid} verifies until ${retiredAt?.toISOString()}.`);
  },
});

function readAlgorithm(name: string): JwtAlgorithm {
  if (isJwtAlgorithm(name)) return name;
  throw new UsageError(`--alg ${name} is none of ${jwtAlgorithms.join(', ')}.`);
}

function readSeconds(text: string): number {
  if (/^\d{1,8}$/.test(text)) return Number(text);
  throw new UsageError(`--after ${text} is not a number of seconds.`);
}

function needTable(site: Site): void {
  if (jwtService(site).options.keys === 'table') return;
  throw new CommandError(
    "The project takes its keys from its settings. Write jwt({ keys: 'table' }) to use this table.",
  );
}
