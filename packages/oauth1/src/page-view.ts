import { type AbstractUser, SessionPage, sessionUser } from '@rf/auth';
import { HttpResponseRedirect, type Request } from '@rf/views';
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
    if (user !== null) return { user };
    const loginUrl = this.provider.options.loginUrl ?? this.site.urls.reverse('login');
    const separator = loginUrl.includes('?') ? '&' : '?';
    return { login: new HttpResponseRedirect(`${loginUrl}${separator}${new URLSearchParams({ next })}`) };
  }

  /** The path of one of the provider's URLs. */
  protected pathOf(name: string, params: Readonly<Record<string, string>> = {}): string {
    return this.site.urls.reverse([...this.namespaces, name].join(':'), params);
  }
}
