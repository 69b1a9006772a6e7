import type { EntityClass } from '@rf/orm';
import type { App } from './app.ts';
import { loadMigrations } from './load-migrations.ts';
import type { Migration, MigrationClass, SwappableDependency, MigrationKey } from './migration.ts';
import { MigrationError } from './migration-error.ts';
import type { Project } from './project.ts';

/** A migration in its place. */
export interface MigrationNode {
  readonly app: App;
  /** Within the app: `0001_initial`. */
  readonly name: string;
  /** In the whole project: `auth.0001_initial`; what the database records. */
  readonly id: string;
  readonly migration: Migration;
  readonly isInitial: boolean;
  /** What must be applied before. */
  readonly parents: ReadonlySet<MigrationNode>;
  /** What must be applied after. */
  readonly children: ReadonlySet<MigrationNode>;
}

interface BuildingNode extends MigrationNode {
  readonly parents: Set<BuildingNode>;
  readonly children: Set<BuildingNode>;
}

/** How {@link MigrationGraph.load} treats what is not there yet. */
export interface LoadOptions {
  /**
   * Leaves out migrations that wait for the first migration of the app that owns a swappable model, instead of throwing: for writing
   * that very migration.
   */
  readonly leaveOutWaiting?: boolean;
}

/** All migrations of a project and what each needs. */
export class MigrationGraph {
  readonly #nodes: ReadonlyMap<string, MigrationNode>;
  /** Every migration after all that it needs; among equals in the order of the apps and of their lists. */
  readonly order: readonly MigrationNode[];

  private constructor(
    nodes: ReadonlyMap<string, MigrationNode>,
    /** What was left out; see {@link LoadOptions.leaveOutWaiting}. */
    readonly waiting: ReadonlySet<MigrationNode>,
  ) {
    this.#nodes = nodes;
    this.order = sort([...nodes.values()]);
  }

  /** Loads the migrations of a project. Throws {@link MigrationError} for a cycle, a missing node, or a name used twice. */
  static async load(project: Project, { leaveOutWaiting = false }: LoadOptions = {}): Promise<MigrationGraph> {
    const nodes = new Map<string, BuildingNode>();
    const classes = new Map<BuildingNode, MigrationClass>();
    for (const app of project.apps) {
      for (const type of await loadMigrations(app)) {
        const node = makeNode(app, type, nodes);
        nodes.set(node.id, node);
        classes.set(node, type);
      }
    }
    const waiting = new Set<BuildingNode>();
    for (const [node, type] of classes) {
      if (leaveOutWaiting && waitsForOwner(node, type, nodes, project)) waiting.add(node);
      else connect(node, type, nodes, project);
    }
    for (const node of waiting) for (const child of node.children) waiting.add(child);
    for (const node of waiting) {
      nodes.delete(node.id);
      for (const parent of node.parents) parent.children.delete(node);
    }
    return new MigrationGraph(nodes, waiting);
  }

  get(id: string): MigrationNode | undefined {
    return this.#nodes.get(id);
  }

  /** The migrations of an app, in order. */
  of(app: App): MigrationNode[] {
    return this.order.filter((node) => node.app === app);
  }

  /** The one migration of `app` that `name` begins; a whole name counts even where others begin with it. */
  find(app: App, name: string): MigrationNode {
    const all = this.of(app);
    const matches = all.filter((node) => node.name.startsWith(name));
    const match = matches.find((node) => node.name === name) ?? matches[0];
    if (match === undefined) {
      const known = all.map((node) => node.name).join(', ') || 'none';
      throw new MigrationError(`${app.label} has no migration that begins with ${name}. It has: ${known}.`);
    }
    if (matches.length > 1 && match.name !== name) {
      throw new MigrationError(
        `Several migrations of ${app.label} begin with ${name}: ${matches.map((n) => n.name).join(', ')}.`,
      );
    }
    return match;
  }

  /** `node` and everything that it needs, in order. */
  withAncestors(node: MigrationNode): MigrationNode[] {
    const found = collect(node, (each) => each.parents);
    return this.order.filter((each) => found.has(each));
  }

  /** `node` and everything that needs it, the last one first: the order of taking back. */
  withDescendants(node: MigrationNode): MigrationNode[] {
    const found = collect(node, (each) => each.children);
    return this.order.filter((each) => found.has(each)).reverse();
  }
}

function makeNode(app: App, type: MigrationClass, nodes: ReadonlyMap<string, BuildingNode>): BuildingNode {
  const migration = new type();
  const { name } = migration;
  if (typeof name !== 'string' || name === '') {
    throw new MigrationError(
      `The migration ${type.name || '(anonymous class)'} of ${app.label} has no name: write readonly name = '0001_initial';`,
    );
  }
  const id = `${app.label}.${name}`;
  if (nodes.has(id)) throw new MigrationError(`${app.label} has two migrations called ${name}; rename one.`);

  const siblings = [...nodes.values()].filter((node) => node.app === app);
  const ownDependencies = (type.dependencies ?? []).filter(
    (dependency) => isKey(dependency) && dependency[0] === app.label,
  );
  const previous = siblings.at(-1);
  const follows = ownDependencies.length === 0 && previous !== undefined ? [previous] : [];
  const isInitial = type.initial ?? (ownDependencies.length === 0 && previous === undefined);
  const node: BuildingNode = { app, name, id, migration, isInitial, parents: new Set(follows), children: new Set() };
  for (const parent of follows) parent.children.add(node);
  return node;
}

function connect(
  node: BuildingNode,
  type: MigrationClass,
  nodes: ReadonlyMap<string, BuildingNode>,
  project: Project,
): void {
  for (const dependency of type.dependencies ?? []) {
    const parent = isKey(dependency) ? lookUp(dependency, node, nodes) : firstOfOwner(dependency, node, nodes, project);
    if (parent !== undefined) link(parent, node);
  }
  for (const key of type.runBefore ?? []) link(node, lookUp(key, node, nodes));
}

function link(parent: BuildingNode, child: BuildingNode): void {
  parent.children.add(child);
  child.parents.add(parent);
}

function lookUp(
  [label, name]: MigrationKey,
  from: MigrationNode,
  nodes: ReadonlyMap<string, BuildingNode>,
): BuildingNode {
  const found = nodes.get(`${label}.${name}`);
  if (found !== undefined) return found;
  const names = [...nodes.values()].filter((node) => node.app.label === label).map((node) => node.name);
  const known =
    names.length > 0
      ? `${label} has ${names.join(', ')}.`
      : `The project has no migrations of an app ${label}: is it in apps of defineProject?`;
  throw new MigrationError(`${from.id} depends on ${label}.${name}, which does not exist. ${known}`);
}

/** True when a swappable model that the migration needs belongs to an app without migrations. */
function waitsForOwner(
  node: MigrationNode,
  type: MigrationClass,
  nodes: ReadonlyMap<string, BuildingNode>,
  project: Project,
): boolean {
  return (type.dependencies ?? []).some((dependency) => {
    if (isKey(dependency)) return false;
    const owner = project.appOf(modelInUse(dependency, project));
    return owner !== undefined && owner !== node.app && ![...nodes.values()].some(({ app }) => app === owner);
  });
}

function modelInUse({ swappable }: SwappableDependency, project: Project): EntityClass {
  return project.substitutes.get(swappable) ?? swappable;
}

function firstOfOwner(
  dependency: SwappableDependency,
  from: MigrationNode,
  nodes: ReadonlyMap<string, BuildingNode>,
  project: Project,
): BuildingNode | undefined {
  const model = modelInUse(dependency, project);
  const owner = project.appOf(model);
  if (owner === undefined) {
    throw new MigrationError(`${from.id} needs the table of ${model.name}, but no app of the project has that entity.`);
  }
  // Within the owner's own migrations the list already says what comes first.
  if (owner === from.app) return undefined;
  const first = [...nodes.values()].find((node) => node.app === owner);
  if (first === undefined) {
    throw new MigrationError(
      `${from.id} needs the table of ${model.name}, but ${owner.label} has no migrations yet: run rf makemigrations ${owner.label}.`,
    );
  }
  return first;
}

function isKey(dependency: MigrationKey | SwappableDependency): dependency is MigrationKey {
  return Array.isArray(dependency);
}

function collect(start: MigrationNode, next: (node: MigrationNode) => ReadonlySet<MigrationNode>): Set<MigrationNode> {
  const found = new Set([start]);
  // A set visits what is added while it is walked.
  for (const node of found) for (const neighbour of next(node)) found.add(neighbour);
  return found;
}

function sort(nodes: readonly MigrationNode[]): MigrationNode[] {
  const sorted = new Set<MigrationNode>();
  const path: MigrationNode[] = [];
  const visit = (node: MigrationNode): void => {
    if (sorted.has(node)) return;
    if (path.includes(node)) {
      const circle = [...path.slice(path.indexOf(node)), node].map(({ id }) => id);
      throw new MigrationError(`Migrations depend on each other in a circle: ${circle.join(' needs ')}.`);
    }
    path.push(node);
    // In the order of declaration, so that the result is the same whichever dependency was written first.
    for (const parent of nodes) if (node.parents.has(parent)) visit(parent);
    path.pop();
    sorted.add(node);
  };
  for (const node of nodes) visit(node);
  return [...sorted];
}
