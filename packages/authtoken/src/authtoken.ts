import { type App, defineApp } from '@rf/project';
import { AccessToken } from './access-token.ts';
import { clearExpiredTokensCommand, createAccessTokenCommand } from './commands/access-token.ts';
import { createTokenCommand, createTokensCommand } from './commands/create-token.ts';
import { Authtoken0001Initial } from './migrations/0001-initial.ts';
import { Authtoken0002AccessToken } from './migrations/0002-access-token.ts';
import { Token } from './token.ts';

/** Tokens: put it after `auth()` among the apps of a project (TK01). */
export function authtoken(): App {
  return defineApp({
    label: 'authtoken',
    entities: [Token, AccessToken],
    migrations: [Authtoken0001Initial, Authtoken0002AccessToken],
    commands: [createTokenCommand, createTokensCommand, createAccessTokenCommand, clearExpiredTokensCommand],
  });
}
