import { atomic, dataSource } from '@rf/orm';
import { type CheckMessage, type Project } from '@rf/project';
import { type Site, UrlResolver } from '@rf/views';
import type { EntityManager } from 'typeorm';

/** What the providers of OAuth 1.0a and 2.0 share: the project's clock, and transactions that a refusal does not undo. */
export abstract class AuthorizationProvider {
  constructor(readonly site: Site) {}

  /** Now, as the project's clock has it. */
  now(): Date {
    return new Date(this.site.clock());
  }

  /** The time this many seconds from now. */
  later(seconds: number): Date {
    return new Date(this.site.clock() + seconds * 1000);
  }

  /**
   * Runs `work` in a transaction of its own, committed when it returns, so that a refusal undoes nothing that was found out: return
   * what refuses from `work` and throw it afterwards.
   */
  alone<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return atomic(dataSource(this.site).manager, work);
  }
}

/** What {@link checkProviderUrls} is told. */
export interface ProviderUrls {
  /** Label of the app and namespace of its URLs, `oauth2` for instance. */
  readonly label: string;
  readonly loginUrl: string | null;
  /** Id of the message that there is no login page. */
  readonly noLoginId: string;
}

/** Says whether the URLs of a provider are mounted, and whether there is a login page for those who come to them. */
export function checkProviderUrls(project: Project, { label, loginUrl, noLoginId }: ProviderUrls): CheckMessage[] {
  const urls = new UrlResolver(project.urls);
  if (!urls.routes.some(({ name, namespaces }) => name === 'token' && namespaces.includes(label))) {
    return [
      {
        id: `${label}.W001`,
        level: 'warning',
        message: `${label}() is among the apps, but its URLs are not among the urls.`,
        hint: `Write ${label}Urls('/${label}/') in urls.`,
      },
    ];
  }
  if (loginUrl !== null || urls.has('login')) return [];
  return [
    {
      id: noLoginId,
      level: 'error',
      message: `${label}() finds no login page: no URL of the project has the name login.`,
      hint: `Write authUrls('/accounts/') in urls, or loginUrl: '/your/page/' in ${label}().`,
    },
  ];
}
