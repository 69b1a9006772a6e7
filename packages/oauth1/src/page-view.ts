import { AccountPage } from '@rf/auth';
import { type OAuth1Provider, oauth1Provider } from './provider.ts';

/** A page of the provider for people who are logged in. */
export abstract class PageView extends AccountPage {
  /** What is written is written in transactions of its own; see {@link OAuth1Provider.alone}. */
  override get isAtomic(): boolean {
    return false;
  }

  get provider(): OAuth1Provider {
    return oauth1Provider(this.site);
  }

  protected override get loginUrl(): string | null {
    return this.provider.options.loginUrl;
  }
}
