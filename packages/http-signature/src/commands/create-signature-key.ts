import { readFileSync } from 'node:fs';
import { userNamed } from '@rf/auth';
import { CommandError, defineCommand, UsageError } from '@rf/project';
import { type CreatedSignatureKey, createSignatureKey, type SignatureKeyOptions } from '../create-signature-key.ts';
import { isSignatureAlgorithm, signatureAlgorithms } from '../signature-algorithms.ts';

/** `rf create-signature-key USER --alg ed25519 --public-key FILE` */
export const createSignatureKeyCommand = defineCommand({
  name: 'create-signature-key',
  help: 'Make a key that a user signs requests with. Without --public-key, print the private half or the secret, once.',
  arguments: [{ name: 'username', help: 'whose' }],
  options: {
    alg: { type: 'string', default: 'ed25519', placeholder: 'NAME', help: `one of ${signatureAlgorithms.join(', ')}` },
    'public-key': { type: 'string', placeholder: 'FILE', help: "the client's public key, PEM or JWK" },
    'key-id': { type: 'string', placeholder: 'ID', help: 'its name in requests; random when left out' },
    name: { type: 'string', help: 'what it is for', default: 'command line' },
  },
  async run({ args, options, site, stdout }) {
    if (!isSignatureAlgorithm(options.alg)) {
      throw new UsageError(`--alg ${options.alg} is none of ${signatureAlgorithms.join(', ')}.`);
    }
    const open = await site();
    const user = await userNamed(open, args.username);
    const { name, 'public-key': file, 'key-id': keyId } = options;
    const wanted: SignatureKeyOptions = { algorithm: options.alg, publicKey: readKeyFile(file), keyId, name };
    printKey(await asCommandError(createSignatureKey(open, user, wanted)), stdout);
  },
});

/** The text of a key file; undefined without one. */
export function readKeyFile(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

/** What is wrong with a key is the caller's to mend, not a fault of ours. */
export async function asCommandError<T>(made: Promise<T>): Promise<T> {
  try {
    return await made;
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
}

/** Prints what the client needs. */
export function printKey({ key, privateKey, secret }: CreatedSignatureKey, stdout: (line: string) => void): void {
  stdout(`keyid ${key.keyId}`);
  stdout(`algorithm ${key.algorithm}`);
  if (secret !== undefined) stdout(`secret (Base64) ${secret}`);
  if (privateKey !== undefined) stdout(privateKey.trimEnd());
}
