import { defineProject, type Migration, MigrationGraph, migrationSql } from '@rf/project';
import { Table, type QueryRunner } from 'typeorm';
import { expect, test } from 'vitest';
import { appWith, tableMigration } from './fixtures/migrations.ts';

class Mixed implements Migration {
  readonly name = '0002_mixed';

  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(new Table({ name: 'made', columns: [{ name: 'id', type: 'integer', isPrimary: true }] }));
    await runner.query('INSERT INTO made VALUES ($1)', [7]);
    const rows: unknown[] = await runner.query('SELECT id FROM made');
    for (const _row of rows) await runner.query('UPDATE first SET id = 1;');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('made');
  }
}

test('shows what a migration runs, without what it asks the catalogue', async () => {
  const app = appWith('one', [tableMigration('first', '0001_initial'), Mixed]);
  const project = defineProject({ apps: [app], database: 'postgresql://nowhere/none', urls: [] });
  const graph = await MigrationGraph.load(project);
  const node = graph.find(app, '0002');

  expect(await migrationSql(project, graph, node)).toEqual([
    'CREATE TABLE "made" ("id" integer NOT NULL, CONSTRAINT "made_pkey" PRIMARY KEY ("id"));',
    'INSERT INTO made VALUES ($1); -- [7]',
    'SELECT id FROM made;',
    'UPDATE first SET id = 1;',
  ]);
  expect(await migrationSql(project, graph, node, 'backwards')).toEqual(['DROP TABLE "made";']);
});
