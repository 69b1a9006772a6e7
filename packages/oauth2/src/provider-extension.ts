import type { AbstractUser } from '@rf/auth';
import type { Awaitable, HttpResponse, Request } from '@rf/views';
import type { AuthorizationRequest } from './authorization-request.ts';
import type { OAuth2Client } from './client.ts';
import type { ClientProblems } from './client-problems.ts';
import type { Issue } from './issue.ts';

/**
 * What another app adds to the provider, as `@rf/openid` does: hand it to `OAuth2Provider.extend()` when the project opens.
 * Each member may be left out.
 */
export interface ProviderExtension {
  /** Scopes beside those of `oauth2()`, with the words of the consent page. A request that names no scope does not get them. */
  readonly scopes?: Readonly<Record<string, string>>;
  /** Parameters of an authorization request that the consent form carries on. */
  readonly authorizationParameters?: readonly string[];
  /** Values of `prompt` beside `none`, `login`, `select_account` and `consent`. */
  readonly prompts?: readonly string[];
  /**
   * Looks at an authorization request that is in order, before anybody is asked anything; also when the consent form comes back.
   *
   * An OAuth2Error that it throws is told to the client. Returns what the browser is answered instead, a redirect to a sign-up page
   * for instance, or null to go on.
   *
   * @param user who is logged in; null for nobody
   */
  checkAuthorization?(
    asked: AuthorizationRequest,
    user: AbstractUser | null,
    request: Request,
  ): Awaitable<HttpResponse | null>;
  /**
   * Members for the answer of the token endpoint, beside those of RFC 6749. Runs in the transaction that issues the tokens.
   *
   * @param accessToken the new access token itself
   */
  tokenMembers?(issue: Issue, accessToken: string, request: Request): Awaitable<Readonly<Record<string, unknown>>>;
  /** Members of the metadata document, beside those of RFC 8414. */
  metadata?(place: MetadataPlace): Awaitable<Readonly<Record<string, unknown>>>;
  /** True when clients may have users logged out; the pages of applications then ask where to send these afterwards. */
  readonly endsSessions?: boolean;
  /** What is wrong with a client, by property. */
  clientProblems?(client: OAuth2Client): ClientProblems;
}

/** Where the provider is, for its metadata. */
export interface MetadataPlace {
  readonly issuer: string;
  /** The absolute URL of a view that is mounted beside the provider's own, by its name. */
  urlOf(name: string): string;
}
