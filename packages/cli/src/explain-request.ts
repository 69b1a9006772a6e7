import { Readable } from 'node:stream';
import { APIException } from '@rf/exceptions';
import { redactTarget } from '@rf/fastify';
import { db } from '@rf/orm';
import { CommandError, type ProjectSite } from '@rf/project';
import {
  type APIView,
  type BasePermission,
  type HttpRequest,
  mount,
  type Request,
  type RequestUser,
  Response,
  type UrlPattern,
} from '@rf/views';

/** The request to explain. */
export interface ExplainedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Name of the user who asks; undefined lets the authentication classes find out. */
  readonly as: string | undefined;
}

/**
 * Walks a request through the steps of its view, with the view's own policy objects, up to the handler, which is not called.
 *
 * Returns lines for a person: each step, each class with its verdict, and at the end what is answered and who decided. Credentials of the
 * URL are not in them. Authentication classes check the headers as they do for a request: a nonce is used up.
 */
export async function explainRequest(site: ProjectSite, explained: ExplainedRequest): Promise<string[]> {
  const path = decodePath(explained.target);
  const match = site.urls.resolve(path);
  if (match === null) return [`${explained.method} ${path}`, 'URL          no pattern matches: 404'];

  const { pattern, target } = match.route;
  const { view, request } = mount(match.route, site).prepare(httpRequest(explained), match.params);
  const walk = new Walk(view, request);
  walk.say('', `${explained.method} ${shownTarget(explained.target, pattern)}`);
  const name = match.viewName === null ? '' : `, called ${match.viewName}`;
  walk.say('URL', `${pattern.text}${name} → ${target.view.name} ${argumentsOf(match.params, pattern)}`.trimEnd());
  await walk.run(explained.as === undefined ? undefined : await findUser(site, explained.as));
  return walk.lines;
}

class Walk {
  readonly lines: string[] = [];
  #decision: string | undefined;

  constructor(
    private readonly view: APIView,
    private readonly request: Request,
  ) {}

  say(step: string, text: string): void {
    this.lines.push(step === '' && this.lines.length === 0 ? text : `${step.padEnd(15)}${text}`);
  }

  /** Takes the steps in the order of the view; the first refusal ends the walk with what is answered. */
  async run(user: RequestUser | undefined): Promise<void> {
    try {
      this.#negotiate();
      this.#version();
      await this.#authenticate(user);
      await this.#permissions();
      this.#throttles();
      this.#handler();
      await this.#objectPermissions();
      this.say('Answer', 'allowed: the handler runs');
    } catch (error) {
      if (!(error instanceof APIException)) throw error;
      await this.#refusal(error);
    }
  }

  #negotiate(): void {
    this.#decision = 'content negotiation';
    const { renderer, mediaType } = this.view.performContentNegotiation(this.request);
    this.request.acceptedRenderer = renderer;
    this.request.acceptedMediaType = mediaType;
    this.say(
      'Negotiation',
      `${nameOf(renderer)} for ${mediaType} (Accept: ${this.request.headers.accept ?? 'not sent'})`,
    );
  }

  #version(): void {
    const { versioning } = this.view.policies;
    if (versioning === null) return;
    this.#decision = nameOf(versioning);
    this.view.determineVersion(this.request);
    this.say('Version', `${this.request.version ?? 'none'}, from ${nameOf(versioning)}`);
  }

  async #authenticate(user: RequestUser | undefined): Promise<void> {
    const { authenticators } = this.request;
    const list = authenticators.map((each, at) => (at === 0 ? `${nameOf(each)} (decides 401 or 403)` : nameOf(each)));
    this.say('Authentication', list.join(', ') || 'no class: everybody is nobody');
    if (user !== undefined) {
      this.request.user = user;
      this.request.successfulAuthenticator = authenticators[0] ?? null;
      this.say(
        '',
        `taken as ${user.getUsername()} because of --as${user.isActive ? '' : '; is not active, so could not log in'}`,
      );
      return;
    }
    for (const [at, authenticator] of authenticators.entries()) {
      this.#decision = nameOf(authenticator);
      const found = await authenticator.authenticate(this.request);
      if (found === null) {
        this.say('', `${nameOf(authenticator)} sees nothing for itself`);
        continue;
      }
      this.request.user = found.user;
      this.request.auth = found.auth;
      this.request.successfulAuthenticator = authenticator;
      this.say('', `${nameOf(authenticator)} recognises ${found.user.getUsername()}`);
      if (at < authenticators.length - 1) this.say('', 'the classes after it are not asked');
      return;
    }
    // Asked one by one above, so that each has its line; now nobody is known, and the view need not ask again.
    await this.request.authenticate();
  }

  async #permissions(): Promise<void> {
    const permissions = this.view.getPermissions();
    if (permissions.length === 0) this.say('Permissions', 'none');
    for (const [at, permission] of permissions.entries()) {
      const verdict = await permission.hasPermission(this.request, this.view);
      await this.#tell(at === 0 ? 'Permissions' : '', permission, verdict, (operand) =>
        operand.hasPermission(this.request, this.view),
      );
      if (!verdict) this.#refuse(permission);
    }
  }

  /** Views that load one object have `getObject`; its own check is replaced by one that tells. */
  async #objectPermissions(): Promise<void> {
    const { getObject } = this.view as { getObject?: () => Promise<unknown> };
    if (typeof getObject !== 'function' || Object.keys(this.request.params).length === 0) return;
    let object: unknown;
    this.view.checkObjectPermissions = (_request, found) => {
      object = found;
    };
    this.#decision = 'the lookup of the object';
    object = (await getObject.call(this.view)) ?? object;
    for (const [at, permission] of this.view.getPermissions().entries()) {
      const verdict = await permission.hasObjectPermission(this.request, this.view, object);
      await this.#tell(at === 0 ? 'For the object' : '', permission, verdict, (operand) =>
        operand.hasObjectPermission(this.request, this.view, object),
      );
      if (!verdict) this.#refuse(permission);
    }
  }

  async #tell(
    step: string,
    permission: BasePermission,
    verdict: boolean,
    ask: (operand: BasePermission) => unknown,
    depth = 0,
  ): Promise<void> {
    const message = verdict || permission.message === undefined ? '' : `: ${JSON.stringify(permission.message)}`;
    this.say(step, `${'  '.repeat(depth)}${nameOf(permission)} ${verdict ? 'allows' : 'refuses'}${message}`);
    for (const operand of operandsOf(permission)) {
      await this.#tell('', operand, Boolean(await ask(operand)), ask, depth + 1);
    }
  }

  #refuse(permission: BasePermission): never {
    this.#decision = nameOf(permission);
    return this.view.permissionDenied(this.request, permission.message, permission.code);
  }

  #throttles(): void {
    const throttles = this.view.getThrottles();
    if (throttles.length > 0)
      this.say('Throttles', `${throttles.map(nameOf).join(', ')} (not asked, since asking counts)`);
  }

  #handler(): void {
    this.#decision = 'the view, which has no handler for the method';
    if (!this.view.allowedMethods.includes(this.request.method)) this.view.httpMethodNotAllowed(this.request);
    this.say('Handler', `${this.view.constructor.name}.${this.request.method.toLowerCase()}()`);
  }

  async #refusal(error: APIException): Promise<void> {
    const answer = await this.view.handleException(error);
    const body = answer instanceof Response ? JSON.stringify(answer.data) : '';
    this.say('Answer', `${answer.status} ${body}`);
    this.say('Decided by', `${this.#decision}${this.#reasonFor(answer.status)}`);
  }

  #reasonFor(status: number): string {
    const [first] = this.request.authenticators;
    if (status === 401)
      return `; 401 because ${first === undefined ? '' : nameOf(first)}, the first authentication class, has a challenge`;
    if (status !== 403 || this.request.successfulAuthenticator !== null) return '';
    return first === undefined
      ? '; 403 because the view has no authentication class'
      : `; 403 because ${nameOf(first)}, the first authentication class, has no challenge`;
  }
}

function operandsOf(permission: BasePermission): readonly BasePermission[] {
  const { operands, operand } = permission as { operands?: readonly BasePermission[]; operand?: BasePermission };
  return operands ?? (operand === undefined ? [] : [operand]);
}

function nameOf(object: object): string {
  return object.constructor.name;
}

/** The target as a log shows it: what is explained is shown to others. */
function shownTarget(target: string, pattern: UrlPattern): string {
  const at = target.indexOf('?');
  const path = at === -1 ? target : target.slice(0, at);
  return redactTarget(`${pattern.hideSecrets(path) ?? pattern.text}${at === -1 ? '' : target.slice(at)}`);
}

function argumentsOf(params: Readonly<Record<string, string>>, pattern: UrlPattern): string {
  const pairs = Object.entries(params).map(
    ([name, value]) => `${name}=${pattern.isSecret(name) ? '[redacted]' : value}`,
  );
  return pairs.length === 0 ? '' : `(${pairs.join(', ')})`;
}

function decodePath(target: string): string {
  const [path = '/'] = target.split('?');
  try {
    return decodeURI(path);
  } catch {
    throw new CommandError(`${path} is not a URL path: a percent sign is not followed by two hexadecimal digits.`);
  }
}

function httpRequest({ method, target, headers }: ExplainedRequest): HttpRequest {
  return {
    method,
    target,
    headers: { host: 'localhost', ...headers },
    rawHeaders: Object.entries(headers).flat(),
    remoteAddress: '127.0.0.1',
    scheme: 'http',
    id: 'explain',
    stream: Readable.from([]),
    raw: null,
  };
}

async function findUser(site: ProjectSite, name: string): Promise<RequestUser> {
  const { userModel } = site.project;
  if (userModel === undefined) throw new CommandError('--as needs a user model: no app of the project has one.');
  const { usernameField = 'username' } = userModel as { usernameField?: string };
  const user = await db(site)
    .getRepository(userModel)
    .findOneBy({ [usernameField]: name });
  if (user === null) throw new CommandError(`There is no user ${JSON.stringify(name)}.`);
  return user as unknown as RequestUser;
}
