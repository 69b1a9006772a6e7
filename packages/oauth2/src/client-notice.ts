import type { OAuth2Client } from './client.ts';

/** What people must know of a client before they allow it something: that it came by itself. Empty for other clients. */
export function clientNotice({ source, clientId, about }: OAuth2Client): string {
  if (source === 'provider') return '';
  const checked = 'Nobody here has checked what it calls itself.';
  if (source === 'document') return `This application is known only by its address at ${hostOf(clientId)}. ${checked}`;
  const home = about?.client_uri === undefined ? '' : ` It says that its home is ${hostOf(about.client_uri)}.`;
  return `This application registered itself. ${checked}${home}`;
}

const hostOf = (uri: string): string => new URL(uri).host;
