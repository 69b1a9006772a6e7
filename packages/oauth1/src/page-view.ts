import { type AbstractUser, loginRedirect, SessionPage, sessionUser } from '@rf/auth';
import type { HttpResponseRedirect, Request } from '@rf/views';
import { type OAuth1Provider, oauth1Provider } from './provider.ts';

/** A page for people who are logged in. */
export abstract class PageView extends SessionPage {
  /** What is written is written in transactions of its own; see {@link OAuth1Provider.alone}. */
  override get isAtomic(): boolean {
    return false;
  }

  get provider(): OAuth1Provider {
    return oauth1Provider(this.site);
  }

  /** Who is logged in; else where to log in, to come back to `next`. */
  protected async userOrLogin(
    request: Request,
    next: string,
  ): Promise<{ readonly user: AbstractUser } | { readonly login: HttpResponseRedirect }> {
    const user = await sessionUser(request);
    return user === null ? { login: loginRedirect(this.site, next, this.provider.options.loginUrl) } : { user };
  }

  /** The path of one of the provider's URLs. */
  protected pathOf(name: string, params: Readonly<Record<string, string>> = {}): string {
    return this.site.urls.reverse([...this.namespaces, name].join(':'), params);
  }
}
