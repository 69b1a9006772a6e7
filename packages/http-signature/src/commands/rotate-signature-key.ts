import { db } from '@rf/orm';
import { CommandError, defineCommand, UsageError } from '@rf/project';
import { rotateSignatureKey } from '../rotate-signature-key.ts';
import { SignatureKey } from '../signature-key.ts';
import { asCommandError, printKey, readKeyFile } from './create-signature-key.ts';

/** `rf rotate-signature-key KEYID --overlap 86400` */
export const rotateSignatureKeyCommand = defineCommand({
  name: 'rotate-signature-key',
  help: 'Make a key in the place of another, which still counts for a while.',
  arguments: [{ name: 'keyid', help: 'of the old key' }],
  options: {
    'public-key': { type: 'string', placeholder: 'FILE', help: "the client's new public key, PEM or JWK" },
    overlap: { type: 'string', default: '86400', placeholder: 'SECONDS', help: 'for which the old key still counts' },
  },
  async run({ args, options, site, stdout }) {
    if (!/^\d{1,9}$/.test(options.overlap))
      throw new UsageError(`--overlap ${options.overlap} is no number of seconds.`);
    const open = await site();
    const old = await db(open).findOne(SignatureKey, { where: { keyId: args.keyid }, relations: { user: true } });
    if (old === null) throw new CommandError(`there is no key ${args.keyid}`);
    const publicKey = readKeyFile(options['public-key']);
    const made = rotateSignatureKey(open, old, Number(options.overlap), { publicKey });
    printKey(await asCommandError(made), stdout);
    stdout(`${old.keyId} counts until ${old.expires?.toISOString()}`);
  },
});
