import type { QueryRunner } from 'typeorm';
import type { MigrationGraph, MigrationNode } from './migration-graph.ts';
import type { Project } from './project.ts';
import { replay } from './replay.ts';

/**
 * The statements that a migration runs, found by running it in an embedded database after everything it needs.
 *
 * What it asks of the catalogue on its way is left out.
 */
export function migrationSql(
  project: Project,
  graph: MigrationGraph,
  node: MigrationNode,
  direction: 'forwards' | 'backwards' = 'forwards',
): Promise<string[]> {
  return replay(project, async (runner) => {
    for (const each of graph.withAncestors(node)) if (each !== node) await each.migration.up(runner);
    if (direction === 'backwards') await node.migration.up(runner);

    const statements: string[] = [];
    const query: QueryRunner['query'] = runner.query.bind(runner);
    runner.query = ((...args: Parameters<typeof query>) => {
      const [text, parameters] = args;
      if (!isQuestion(text)) statements.push(withParameters(text, parameters as unknown[] | undefined));
      return query(...args);
    }) as typeof query;
    await (direction === 'forwards' ? node.migration.up(runner) : node.migration.down(runner));
    return statements;
  });
}

function isQuestion(text: string): boolean {
  return /^\s*SELECT\b/i.test(text) && /information_schema|\bpg_|current_(schema|database)|version\(\)/i.test(text);
}

function withParameters(text: string, parameters: readonly unknown[] | undefined): string {
  const statement = `${text.trim().replace(/;$/, '')};`;
  return parameters === undefined || parameters.length === 0
    ? statement
    : `${statement} -- ${JSON.stringify(parameters)}`;
}
