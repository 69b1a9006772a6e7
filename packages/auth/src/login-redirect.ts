import { HttpResponseRedirect, type Site } from '@rf/views';

/**
 * Sends a browser to the login page, to come back afterwards.
 *
 * @param next path and query to come back to
 * @param loginUrl where the page is; null for the project's URL with the name `login`
 */
export function loginRedirect(site: Site, next: string, loginUrl: string | null): HttpResponseRedirect {
  const page = loginUrl ?? site.urls.reverse('login');
  return new HttpResponseRedirect(`${page}${page.includes('?') ? '&' : '?'}${new URLSearchParams({ next })}`);
}
