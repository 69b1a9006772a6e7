import { defineCommand, OfflineSite } from '@rf/project';
import { mount } from '@rf/views';

/** `rf routes` */
export const routes = defineCommand({
  name: 'routes',
  help: 'List the URLs: methods, pattern, view, name and policies.',
  options: {
    all: { type: 'boolean', help: 'also what only adds a format suffix' },
    json: { type: 'boolean', help: 'as JSON, all of them' },
  },
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
    const shown = options.all ? rows : withoutSuffixes(rows, site.settings.formatSuffixKwarg);
    const table = [header, ...shown];
    const widths = columns.map((column) => Math.max(...table.map((row) => row[column].length)));
    for (const row of table) {
      stdout(
        columns
          .map((column, at) => row[column].padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd(),
      );
    }
    const hidden = rows.length - shown.length;
    if (hidden > 0) stdout(`\n${hidden} more with a format suffix: rf routes --all`);
  },
});

/** The rows but those whose URL is that of another one with `.json` or its like behind it. */
function withoutSuffixes<Row extends { readonly pattern: string }>(rows: readonly Row[], kwarg: string): Row[] {
  const patterns = new Set(rows.map(({ pattern }) => pattern));
  return rows.filter(({ pattern }) => {
    const at = pattern.lastIndexOf(`.:${kwarg}(`);
    const stem = pattern.slice(0, at);
    return at === -1 || !(patterns.has(stem) || patterns.has(`${stem}/`));
  });
}

function className(object: object): string {
  return object.constructor.name;
}
