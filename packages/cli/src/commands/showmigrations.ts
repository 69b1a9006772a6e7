import { appliedMigrations, defineCommand, MigrationGraph } from '@rf/project';
import { appNamed } from '../app-named.ts';

/** `rf showmigrations` */
export const showmigrations = defineCommand({
  name: 'showmigrations',
  help: 'List the migrations and which of them are applied.',
  arguments: [{ name: 'app', help: 'label of an app; all unless given', optional: true }],
  options: { plan: { type: 'boolean', help: 'in the order in which they are applied, with what each needs' } },
  async run({ project, args, options, stdout }) {
    const graph = await MigrationGraph.load(project);
    const applied = await appliedMigrations(project);
    const apps = args.app === undefined ? project.apps : [appNamed(project, args.app)];
    const mark = (id: string) => (applied.has(id) ? '[X]' : '[ ]');

    if (options.plan) {
      for (const node of graph.order.filter(({ app }) => apps.includes(app))) {
        const parents = [...node.parents].map(({ id }) => id);
        stdout(`${mark(node.id)} ${node.id}${parents.length === 0 ? '' : `  (needs ${parents.join(', ')})`}`);
      }
      return;
    }
    for (const app of apps) {
      const nodes = graph.of(app);
      stdout(app.label);
      for (const node of nodes) stdout(` ${mark(node.id)} ${node.name}`);
      if (nodes.length === 0) stdout(' (no migrations)');
    }
    const known = new Set(graph.order.map(({ id }) => id));
    const labels = new Set(apps.map(({ label }) => label));
    const lost = [...applied].filter((id) => !known.has(id) && labels.has(id.split('.')[0] ?? ''));
    if (lost.length > 0) stdout(`Recorded in the database, but not in the code: ${lost.join(', ')}`);
  },
});
