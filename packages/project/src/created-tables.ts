import type { QueryRunner } from 'typeorm';
import type { MigrationGraph, MigrationNode } from './migration-graph.ts';
import { replay } from './replay.ts';
import type { Project } from './project.ts';

/** Which tables each of `nodes` makes: found by running it, and what it needs, in an embedded database. */
export async function tablesCreatedBy(
  nodes: readonly MigrationNode[],
  project: Project,
  graph: MigrationGraph,
): Promise<Map<MigrationNode, string[]>> {
  const needed = new Set(nodes.flatMap((node) => graph.withAncestors(node)));
  const created = new Map<MigrationNode, string[]>();
  await replay(project, async (runner) => {
    for (const node of graph.order) {
      if (!needed.has(node)) continue;
      const before = new Set(await tables(runner));
      await node.migration.up(runner);
      if (nodes.includes(node))
        created.set(
          node,
          (await tables(runner)).filter((table) => !before.has(table)),
        );
    }
  });
  return created;
}

async function tables(runner: QueryRunner): Promise<string[]> {
  const rows: { name: string }[] = await runner.query(
    `SELECT c.relname AS name FROM pg_class c
     WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}
