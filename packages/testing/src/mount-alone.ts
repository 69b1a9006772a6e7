import { type Mountable, mount, type MountedView, path, type Site, UrlResolver } from '@rf/views';

/** Mounts one view at `/` of a site, beside its URLs. */
export function mountAlone(view: Mountable, site: Site): MountedView {
  const [route] = new UrlResolver([path('/', view)]).routes;
  return mount(route as NonNullable<typeof route>, site);
}
