import { db } from '@rf/orm';
import { CommandError, defineCommand } from '@rf/project';
import { SignatureKey } from '../signature-key.ts';

/** `rf revoke-signature-key KEYID` */
export const revokeSignatureKeyCommand = defineCommand({
  name: 'revoke-signature-key',
  help: 'End a key at once.',
  arguments: [{ name: 'keyid', help: 'of the key' }],
  async run({ args, site, stdout }) {
    const { affected } = await db(await site()).update(SignatureKey, { keyId: args.keyid }, { active: false });
    if (affected === 0) throw new CommandError(`there is no key ${args.keyid}`);
    stdout(`Revoked ${args.keyid}.`);
  },
});
