import { defineCommand, MigrationGraph, migrationSql } from '@rf/project';
import { appNamed } from '../app-named.ts';

/** `rf sqlmigrate` */
export const sqlmigrate = defineCommand({
  name: 'sqlmigrate',
  help: 'Show the SQL of a migration.',
  description: 'The migration runs in an embedded database, after everything it needs; no other database is touched.',
  arguments: [
    { name: 'app', help: 'label of an app' },
    { name: 'name', help: 'name of a migration, or its beginning' },
  ],
  options: { backwards: { type: 'boolean', help: 'what takes it back' } },
  async run({ project, args, options, stdout }) {
    const graph = await MigrationGraph.load(project);
    const node = graph.find(appNamed(project, args.app), args.name);
    const statements = await migrationSql(project, graph, node, options.backwards ? 'backwards' : 'forwards');
    const isTransaction = node.migration.transaction !== false;
    if (isTransaction) stdout('BEGIN;');
    for (const statement of statements) stdout(statement);
    if (isTransaction) stdout('COMMIT;');
  },
});
