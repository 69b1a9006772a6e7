import { HttpResponseRedirect, type Site } from '@rf/views';

/**
 * Sends a browser to the login page, to come back afterwards.
 *
 * @param next path and query to come back to
 * @param loginUrl where the page is; null for the project's URL with the name `login`
 * @param hint a user name that the form may be filled with, sent as `login_hint`
 */
export function loginRedirect(
  site: Site,
  next: string,
  loginUrl: string | null,
  hint: string | null = null,
): HttpResponseRedirect {
  const page = loginUrl ?? site.urls.reverse('login');
  const query = new URLSearchParams({ next, ...(hint !== null && { login_hint: hint }) });
  return new HttpResponseRedirect(`${page}${page.includes('?') ? '&' : '?'}${query}`);
}
