import { User } from '@rf/auth';
import { type App, defineApp, onRemove } from '@rf/project';
import { AccessToken } from './access-token.ts';
import { type AccessTokenSettings, accessTokenSettingsKey, completeSettings } from './access-token-options.ts';
import { clearExpiredTokensCommand, createAccessTokenCommand } from './commands/access-token.ts';
import { createTokenCommand, createTokensCommand } from './commands/create-token.ts';
import { Authtoken0001Initial } from './migrations/0001-initial.ts';
import { Authtoken0002AccessToken } from './migrations/0002-access-token.ts';
import { Token } from './token.ts';

/**
 * Tokens: put it after `auth()` among the apps of a project (TK01).
 *
 * ```ts
 * authtoken({ accessTokens: { lifetime: 90 * 24 * 60 * 60, limitPerUser: 10 } });
 * ```
 */
export function authtoken(options: { readonly accessTokens?: Partial<AccessTokenSettings> } = {}): App {
  const settings = completeSettings(options.accessTokens);
  return defineApp({
    label: 'authtoken',
    entities: [Token, AccessToken],
    migrations: [Authtoken0001Initial, Authtoken0002AccessToken],
    commands: [createTokenCommand, createTokensCommand, createAccessTokenCommand, clearExpiredTokensCommand],
    // Django's table leaves it to the framework to delete a user's token with the user.
    hooks: [onRemove(User, (user, manager) => manager.delete(Token, { user: { id: user.id } }))],
    resources: (site) => site.provide(accessTokenSettingsKey, settings),
  });
}
