import { AccessDenied } from '@rf/exceptions';
import type { Request } from '@rf/views';
import type { AbstractUser } from './abstract-user.ts';
import { authOptions } from './auth-options.ts';
import type { Credentials } from './authentication-backend.ts';

/**
 * The user of these credentials, asked of the project's backends in order; null when they belong to nobody (DJ05).
 *
 * It does not log in: see {@link login}.
 */
export async function authenticate(request: Request, credentials: Credentials): Promise<AbstractUser | null> {
  const { backends, onLoginFailed } = authOptions(request.site);
  for (const backend of backends) {
    try {
      const user = await backend.authenticate(request, credentials);
      if (user !== null) return user;
    } catch (error) {
      // A backend that knows the credentials to be refused keeps the others from being asked.
      if (error instanceof AccessDenied) break;
      throw error;
    }
  }
  await onLoginFailed?.(withoutSecrets(credentials), request);
  return null;
}

function withoutSecrets(credentials: Credentials): Credentials {
  return Object.fromEntries(
    Object.entries(credentials).map(([name, value]) => [
      name,
      /api|token|key|secret|password|signature/i.test(name) ? '********************' : value,
    ]),
  );
}
