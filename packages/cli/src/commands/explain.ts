import { CommandError, defineCommand } from '@rf/project';
import { explainRequest } from '../explain-request.ts';

/** `rf explain` */
export const explain = defineCommand({
  name: 'explain',
  help: 'Tell why a request is allowed or refused, class by class.',
  description:
    'The handler is not called and no throttle counts. Without --as the authentication classes check the headers that are given, ' +
    "as those of a request (a nonce is used up): rf explain GET /api/books/3/ --header 'Authorization: Token …'",
  arguments: [
    { name: 'method', help: 'GET, POST …' },
    { name: 'path', help: 'path, with a query if need be' },
  ],
  options: {
    as: { type: 'string', placeholder: 'USER', help: 'user name of who asks; nobody unless given' },
    header: { type: 'string', short: 'H', multiple: true, placeholder: 'NAME:VALUE', help: 'a header of the request' },
  },
  async run(context) {
    const { args, options, stdout } = context;
    const site = await context.site();
    const lines = await explainRequest(site, {
      method: args.method.toUpperCase(),
      target: args.path.startsWith('/') ? args.path : `/${args.path}`,
      headers: Object.fromEntries(options.header.map(readHeader)),
      as: options.as,
    });
    for (const line of lines) stdout(line);
  },
});

function readHeader(text: string): [string, string] {
  const at = text.indexOf(':');
  if (at < 1) throw new CommandError(`--header ${text}: write NAME: VALUE.`);
  return [text.slice(0, at).trim().toLowerCase(), text.slice(at + 1).trim()];
}
