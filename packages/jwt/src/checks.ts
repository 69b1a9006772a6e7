import type { Check, CheckMessage } from '@rf/project';
import type { ResolvedJwtOptions } from './options.ts';

const HOUR = 3600;

/** What `rf check` and `rf check --deploy` say of tokens. */
export function jwtChecks(options: ResolvedJwtOptions): Check {
  return () => {
    const found: (CheckMessage | false | undefined)[] = [
      options.cookies?.secure === false && {
        id: 'jwt.W002',
        level: 'warning',
        deploy: true,
        message: 'The token cookies may travel over http.',
        hint: "Leave secure out of jwt({ cookies }) for 'auto'.",
      },
      options.rotateRefreshTokens &&
        !options.blacklistAfterRotation && {
          id: 'jwt.W003',
          level: 'warning',
          message: 'Refresh tokens are rotated, but the old ones stay good: a stolen one is never noticed.',
          hint: 'Leave blacklistAfterRotation on.',
        },
      options.accessTokenLifetime > HOUR &&
        !options.checkFamily && {
          id: 'jwt.W004',
          level: 'warning',
          deploy: true,
          message: `Access tokens live for ${options.accessTokenLifetime} seconds, and nothing can end one before.`,
          hint: 'Shorten accessTokenLifetime, or write checkFamily: true.',
        },
      options.jwksUrl !== undefined &&
        options.issuer === undefined && {
          id: 'jwt.W005',
          level: 'warning',
          message:
            'jwksUrl is set without issuer: any issuer that shares those keys is believed (RFC 8725, section 3.8).',
          hint: "Write issuer: 'https://…', exactly as the tokens say.",
        },
    ];
    return found.filter((message) => message !== false && message !== undefined);
  };
}
