import { randomBytes } from 'node:crypto';
import { openStoredSecret } from '@rf/auth';
import { db } from '@rf/orm';
import { CommandError, defineCommand } from '@rf/project';
import { HawkCredential } from '../hawk-credential.ts';
import { hawkMac, hawkPayloadHash } from '../hawk-crypto.ts';

/** `rf hawk-request ID URL`: signs a request with a stored credential, sends it and prints the answer. */
export const hawkRequestCommand = defineCommand({
  name: 'hawk-request',
  help: 'Sign a request, send it and print the answer.',
  arguments: [
    { name: 'id', help: 'of the credential' },
    { name: 'url', help: 'where to' },
  ],
  options: {
    method: { type: 'string', short: 'X', help: 'the method', default: 'GET' },
    data: { type: 'string', short: 'd', help: 'a body' },
    type: { type: 'string', help: 'its media type', default: 'application/json' },
  },
  async run({ args, options, site, stdout }) {
    const open = await site();
    const credential = await db(open).findOneBy(HawkCredential, { keyId: args.id });
    if (credential === null) throw new CommandError(`there is no credential ${args.id}`);
    if (!URL.canParse(args.url)) throw new CommandError(`${args.url} is no URL`);
    const { hostname, port, pathname, search, protocol } = new URL(args.url);
    const key = openStoredSecret(open, credential, credential.keySealed);
    if (key === null) throw new CommandError(`the key of ${args.id} cannot be opened; the log says why`);
    const hash =
      options.data === undefined ? undefined : hawkPayloadHash(options.data, options.type, credential.algorithm);
    const artifacts = {
      ts: Math.floor(open.clock() / 1000),
      nonce: randomBytes(6).toString('base64url'),
      method: options.method,
      resource: pathname + search,
      host: hostname,
      port: port || (protocol === 'https:' ? '443' : '80'),
      hash,
    };
    const mac = hawkMac('header', artifacts, key, credential.algorithm);
    const covered = hash === undefined ? '' : `, hash="${hash}"`;
    const response = await fetch(args.url, {
      method: options.method,
      headers: {
        Authorization: `Hawk id="${args.id}", ts="${artifacts.ts}", nonce="${artifacts.nonce}"${covered}, mac="${mac}"`,
        ...(options.data !== undefined && { 'Content-Type': options.type }),
      },
      ...(options.data !== undefined && { body: options.data }),
    });
    stdout(`${response.status} ${response.statusText}`);
    stdout(await response.text());
    return response.ok ? 0 : 1;
  },
});
