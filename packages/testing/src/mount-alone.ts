import { type Mountable, mount, type MountedView, path, type Site, UrlResolver } from '@rf/views';

/** Mounts one view beside the URLs of a site, at one that has these arguments. */
export function mountAlone(view: Mountable, site: Site, names: readonly string[] = []): MountedView {
  const [route] = new UrlResolver([path(`/${names.map((name) => `:${name}/`).join('')}`, view)]).routes;
  return mount(route as NonNullable<typeof route>, site);
}
