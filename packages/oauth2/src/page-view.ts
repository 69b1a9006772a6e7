import { AccountPage } from '@rf/auth';
import { APIException } from '@rf/exceptions';
import type { HttpResponse } from '@rf/views';
import { OAuth2Error } from './oauth2-error.ts';
import { type OAuth2Provider, oauth2Provider } from './provider.ts';
import { isSameResource } from './resource-indicator.ts';

/** A page of the provider for people who are logged in. */
export abstract class PageView extends AccountPage {
  /** What is written is written in transactions of its own; see {@link OAuth2Provider.alone}. */
  override get isAtomic(): boolean {
    return false;
  }

  get provider(): OAuth2Provider {
    return oauth2Provider(this.site);
  }

  protected override get loginUrl(): string | null {
    return this.provider.options.loginUrl;
  }

  /** Scopes with what the project says they mean. */
  protected describeScopes(names: readonly string[]): readonly (readonly [string, string])[] {
    const { scopes } = this.provider;
    return names.map((name) => [name, scopes[name] ?? name] as const);
  }

  /** Resources with what the project says they are; none when tokens are for this project's API alone. */
  protected describeResources(resources: readonly string[]): readonly (readonly [string, string])[] {
    const own = this.provider.resource(this.request);
    if (resources.every((resource) => isSameResource(resource, own))) return [];
    return resources.map((resource) => [resource, this.provider.options.resources[resource] ?? 'This site'] as const);
  }

  /** People read what clients get as members of JSON. */
  override handleException(error: unknown): Promise<HttpResponse> {
    return super.handleException(error instanceof OAuth2Error ? inWords(error) : error);
  }
}

function inWords({ description, error, statusCode }: OAuth2Error): APIException {
  const refusal = new APIException(description ?? error, error);
  refusal.statusCode = statusCode;
  return refusal;
}
