import type { App } from './app.ts';
import type { MigrationGraph, MigrationNode } from './migration-graph.ts';
import { MigrationError } from './migration-error.ts';

/** Where to go: everything, one app, or one app at one migration; `zero` is before the first. */
export interface MigrationTarget {
  readonly app?: App;
  /** Name of a migration or its beginning, or `zero`. */
  readonly name?: string;
}

export interface MigrationStep {
  readonly node: MigrationNode;
  readonly direction: 'forwards' | 'backwards';
}

/** The steps from what is applied to the target. */
export function planMigrations(
  graph: MigrationGraph,
  applied: ReadonlySet<string>,
  target: MigrationTarget,
): MigrationStep[] {
  refuseHalfRecorded(graph, applied);
  if (target.app === undefined) return forwards(graph.order, applied);
  if (target.name === undefined) {
    const wanted = new Set(graph.of(target.app).flatMap((node) => graph.withAncestors(node)));
    return forwards(
      graph.order.filter((node) => wanted.has(node)),
      applied,
    );
  }
  if (target.name === 'zero') return backwards(graph.of(target.app), graph, applied);

  const node = graph.find(target.app, target.name);
  // Whatever of the same app is not needed by the target lies behind it.
  const needed = new Set(graph.withAncestors(node));
  const behind = graph
    .of(target.app)
    .filter((each) => !needed.has(each) && [...each.parents].some((p) => needed.has(p)));
  return applied.has(node.id) ? backwards(behind, graph, applied) : forwards(graph.withAncestors(node), applied);
}

function forwards(nodes: readonly MigrationNode[], applied: ReadonlySet<string>): MigrationStep[] {
  return nodes.filter((node) => !applied.has(node.id)).map((node) => ({ node, direction: 'forwards' }));
}

function backwards(
  nodes: readonly MigrationNode[],
  graph: MigrationGraph,
  applied: ReadonlySet<string>,
): MigrationStep[] {
  const undone = new Set(nodes.flatMap((node) => graph.withDescendants(node)));
  return graph.order
    .toReversed()
    .filter((node) => undone.has(node) && applied.has(node.id))
    .map((node) => ({ node, direction: 'backwards' }));
}

/** A migration that is recorded without what it needs: somebody edited the records, or the dependencies. */
function refuseHalfRecorded(graph: MigrationGraph, applied: ReadonlySet<string>): void {
  for (const node of graph.order) {
    if (!applied.has(node.id)) continue;
    for (const parent of node.parents) {
      if (applied.has(parent.id)) continue;
      throw new MigrationError(
        `The history of the database is half recorded: ${node.id} is applied, but ${parent.id}, which it depends on, is not. ` +
          `If its changes are in the database, record it: rf migrate ${parent.app.label} ${parent.name} --fake. ` +
          `If they are not, take the other one back or restore the records from a backup.`,
      );
    }
  }
}
