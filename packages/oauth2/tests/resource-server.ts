import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { auth, createUser, PBKDF2PasswordHasher } from '@rf/auth';
import {
  OAuth2IntrospectionAuthentication,
  oauth2ResourceServer,
  type ResourceServerOptions,
  TokenHasReadWriteScope,
} from '@rf/oauth2';
import { defineProject, type ProjectSite } from '@rf/project';
import { openTestProject } from '@rf/testing';
import {
  APIView,
  authenticationClasses,
  IsAuthenticated,
  path,
  permissionClasses,
  type Request,
  type UrlEntry,
} from '@rf/views';

abstract class Who extends APIView {
  override get(request: Request) {
    const { auth: token } = request;
    return { user: String(request.user), client: token?.clientId ?? null, scopes: [...(token?.scopes ?? [])] };
  }

  override post(request: Request) {
    return this.get(request);
  }
}

@authenticationClasses(OAuth2IntrospectionAuthentication)
@permissionClasses(IsAuthenticated)
class Me extends Who {}

@authenticationClasses(OAuth2IntrospectionAuthentication)
@permissionClasses(TokenHasReadWriteScope)
class Notes extends Who {}

@authenticationClasses(OAuth2IntrospectionAuthentication)
@permissionClasses()
class Open extends Who {}

/** An API whose tokens another server gives, served over loopback. */
export interface ResourceServer {
  readonly url: string;
  readonly site: ProjectSite;
  /** Lines of the project's log and of the server's. */
  readonly log: string[];
  close(): Promise<void>;
}

/** Starts one with the inactive user ivan. */
export async function startResourceServer(
  options: ResourceServerOptions & { readonly clock: () => number; readonly urls?: readonly UrlEntry[] },
): Promise<ResourceServer> {
  const { clock, urls = [], ...rest } = options;
  const log: string[] = [];
  const write = (data: object, message: string): void => {
    log.push(
      `${message} ${JSON.stringify(data, (_key, value) => (value instanceof Error ? `${value.stack}` : value))}`,
    );
  };
  const project = defineProject({
    apps: [auth({ passwordHashers: [new PBKDF2PasswordHasher(1)] }), oauth2ResourceServer(rest)],
    database: 'pglite://memory',
    urls: [path('/me/', Me), path('/notes/', Notes), path('/open/', Open), ...urls],
    secretKey: 'a secret key of the tests, long enough',
  });
  const tested = await openTestProject(project, {
    clock,
    logger: { debug: write, info: write, warn: write, error: write },
    server: { logger: { level: 'trace', stream: { write: (line: string) => void log.push(line) } } },
  });
  await createUser(tested.site, { username: 'ivan', password: 'pw', isActive: false });
  return { url: await tested.listen(), site: tested.site, log, close: () => tested.close() };
}

/** A server on a free port that does what `listener` says. */
export async function listen(listener: RequestListener): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/introspect`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
