import { readFile } from 'node:fs/promises';
import { userNamed } from '@rf/auth';
import { ImproperlyConfigured } from '@rf/exceptions';
import { db } from '@rf/orm';
import { CommandError, defineCommand } from '@rf/project';
import { createConsumer, findConsumer } from '../consumers.ts';
import { isSignatureMethod, type SignatureMethod, signatureMethods } from '../signature-method.ts';

/** `rf create-oauth1-consumer NAME …` */
export const createOAuth1Consumer = defineCommand({
  name: 'create-oauth1-consumer',
  help: 'Register an OAuth 1.0a consumer and print its key and secret.',
  description: 'The secret is shown this once. Without --callback, users type a code (oob).',
  arguments: [{ name: 'name', help: 'shown to those who are asked to allow it' }],
  options: {
    description: { type: 'string', help: 'shown below it' },
    callback: { type: 'string', multiple: true, placeholder: 'URL', help: 'where users may be sent back to' },
    'rsa-key': { type: 'string', placeholder: 'FILE', help: 'its public key in PEM; it signs with RSA then' },
    method: { type: 'string', multiple: true, help: `how it may sign: ${signatureMethods.join(', ')}` },
    scope: { type: 'string', multiple: true, help: 'the most it may ask for; default every scope' },
    readonly: { type: 'boolean', help: 'it gets tokens for reading only' },
    owner: { type: 'string', placeholder: 'USERNAME', help: 'whose it is' },
    key: { type: 'string', help: 'default 32 random letters and digits' },
  },
  async run({ args, options, site, stdout }) {
    const open = await site();
    const owner = options.owner === undefined ? null : await userNamed(open, options.owner);
    if (options.key !== undefined && (await findConsumer(db(open), options.key)) !== null) {
      throw new CommandError(`there is a consumer with the key ${options.key} already`);
    }
    const methods = options.method.map(readMethod);
    const { consumer, secret } = await createConsumer(open, {
      name: args.name,
      callbacks: options.callback,
      readonly: options.readonly,
      owner,
      ...(options.description !== undefined && { description: options.description }),
      ...(options['rsa-key'] !== undefined && { rsaPublicKey: await readKey(options['rsa-key']) }),
      ...(methods.length > 0 && { allowedMethods: methods }),
      ...(options.scope.length > 0 && { scopes: options.scope }),
      ...(options.key !== undefined && { key: options.key }),
    }).catch((error: unknown) => {
      throw error instanceof ImproperlyConfigured ? new CommandError(error.message) : error;
    });
    stdout(`consumer_key: ${consumer.key}`);
    if (secret !== null) stdout(`consumer_secret: ${secret}`);
  },
});

function readMethod(name: string): SignatureMethod {
  if (isSignatureMethod(name)) return name;
  throw new CommandError(`${name} is no signature method; there are ${signatureMethods.join(', ')}`);
}

async function readKey(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
