import { type App, defineApp } from '@rf/project';
import { createTokenCommand, createTokensCommand } from './commands/create-token.ts';
import { Authtoken0001Initial } from './migrations/0001-initial.ts';
import { Token } from './token.ts';

/** Tokens: put it after `auth()` among the apps of a project (TK01). */
export function authtoken(): App {
  return defineApp({
    label: 'authtoken',
    entities: [Token],
    migrations: [Authtoken0001Initial],
    commands: [createTokenCommand, createTokensCommand],
  });
}
