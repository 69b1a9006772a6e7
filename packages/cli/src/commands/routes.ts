import { defineCommand, OfflineSite } from '@rf/project';
import { mount } from '@rf/views';

/** `rf routes` */
export const routes = defineCommand({
  name: 'routes',
  help: 'List the URLs: methods, pattern, view, name and policies.',
  options: { json: { type: 'boolean', help: 'as JSON' } },
  run({ project, options, stdout }) {
    const site = new OfflineSite(project);
    const rows = site.urls.routes.map((route) => {
      const mounted = mount(route, site);
      const { authenticators, permissions } = mounted.policiesFor('GET');
      return {
        methods: mounted.allowedMethods.filter((method) => method !== 'OPTIONS').join(','),
        pattern: route.pattern.text,
        view: route.target.view.name,
        name: [...route.namespaces, ...(route.name === null ? [] : [route.name])].join(':'),
        authentication: authenticators.map(className).join(','),
        permissions: permissions.map(className).join(','),
      };
    });
    if (options.json) {
      stdout(JSON.stringify(rows, null, 2));
      return;
    }
    const columns = ['methods', 'pattern', 'view', 'name', 'authentication', 'permissions'] as const;
    const header = Object.fromEntries(columns.map((column) => [column, column.toUpperCase()])) as (typeof rows)[number];
    const all = [header, ...rows];
    const widths = columns.map((column) => Math.max(...all.map((row) => row[column].length)));
    for (const row of all) {
      stdout(
        columns
          .map((column, at) => row[column].padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd(),
      );
    }
  },
});

function className(object: object): string {
  return object.constructor.name;
}
