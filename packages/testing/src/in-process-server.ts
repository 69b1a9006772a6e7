import type { ProjectSite } from '@rf/project';

/** A request that a server gets without a network. */
export interface InjectedRequest {
  readonly method: never;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly payload?: Buffer;
  readonly remoteAddress: string;
}

/** What a server answers to it. */
export interface InjectedResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, number | string | string[] | undefined>>;
  readonly rawPayload: Buffer;
}

/** As much of a Fastify server as a test client asks for. */
export interface InProcessServer {
  inject(request: InjectedRequest): Promise<InjectedResponse>;
  ready(): PromiseLike<unknown>;
  /** There once `restFramework` is registered. */
  readonly rf: ProjectSite;
}

/** What a test client talks to: a Fastify server with `restFramework`, or what has one, such as a test project. */
export type ClientTarget = InProcessServer | { readonly app: InProcessServer };

/** The server of a target, ready. Throws an Error for one without `restFramework`. */
export async function readyServer(target: ClientTarget): Promise<InProcessServer> {
  const server = 'app' in target ? target.app : target;
  await server.ready();
  if (server.rf === undefined) {
    throw new Error(
      'The server has no project: write `await app.register(restFramework, { project })` before new APIClient(app).',
    );
  }
  return server;
}
