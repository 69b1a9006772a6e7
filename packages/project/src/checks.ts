import { describeEntities } from '@rf/orm';
import { type Awaitable, type MountedView, mount } from '@rf/views';
import { OfflineSite } from './offline-site.ts';
import type { Project } from './project.ts';

/** One thing that `rf check` found. */
export interface CheckMessage {
  /** Stable: `project.W001`. */
  readonly id: string;
  /** An error makes `rf check` fail. */
  readonly level: 'error' | 'warning';
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  /** Matters in production only: shown by `rf check --deploy`. */
  readonly deploy?: boolean;
}

/** Looks at a project and tells what it found. */
export type Check = (project: Project) => Awaitable<readonly CheckMessage[]>;

/** Runs the project's own checks and those of its apps; messages for production only with `deploy`. */
export async function runChecks(project: Project, options: { deploy?: boolean } = {}): Promise<CheckMessage[]> {
  const checks = [viewCheck, pageCheck, schemeCheck, deploymentCheck, ...project.apps.flatMap((app) => app.checks)];
  const found: CheckMessage[] = [];
  for (const check of checks) found.push(...(await check(project)));
  return found.filter((message) => options.deploy || !message.deploy);
}

/** Mounts every view, as a server would at its start, and reports those that cannot be. */
async function mountViews(project: Project, report: (error: unknown) => void): Promise<MountedView[]> {
  const mounted: MountedView[] = [];
  try {
    const site = new OfflineSite(project, await describeEntities(project));
    for (const route of site.urls.routes) {
      try {
        mounted.push(mount(route, site));
      } catch (error) {
        report(error);
      }
    }
  } catch (error) {
    report(error);
  }
  return mounted;
}

const viewCheck: Check = async (project) => {
  // One mistake is met at every URL of a view.
  const messages = new Set<string>();
  await mountViews(project, (error) => messages.add(error instanceof Error ? error.message : String(error)));
  return Array.from(messages, (message) => ({ id: 'project.E002', level: 'error', message }));
};

/** A page size alone cuts no list (PG01). */
const pageCheck: Check = ({ settings }) => {
  if (settings.pageSize === null || settings.defaultPaginationClass !== null) return [];
  return [
    {
      id: 'project.W006',
      level: 'warning',
      message: `settings.pageSize is ${settings.pageSize}, but there is no defaultPaginationClass: lists are not cut by it.`,
      hint: 'Write defaultPaginationClass: PageNumberPagination, or give each view a paginationClass and a pageSize.',
    },
  ];
};

/** The authentication schemes of the views that need TLS, each once. A project behind a trusted proxy has it there. */
const schemeCheck: Check = async (project) => {
  if (project.settings.trustedProxies > 0) return [];
  const dangers = new Map<string, string>();
  for (const view of await mountViews(project, () => {})) {
    for (const { authenticators } of view.allowedMethods.map((method) => view.policiesFor(method))) {
      for (const { constructor, overHttp } of authenticators) {
        if (overHttp !== null) dangers.set(constructor.name, overHttp);
      }
    }
  }
  return Array.from(dangers, ([name, danger]) => ({
    id: `project.W007.${name}`,
    level: 'warning',
    deploy: true,
    message: `${name} needs TLS: over http anybody on the way can ${danger}.`,
    hint: 'Serve it over https only: behind a proxy that ends TLS, set settings.trustedProxies and redirect http.',
  }));
};

const deploymentCheck: Check = (project) => {
  const { settings } = project;
  const found: (CheckMessage | false)[] = [
    project.secretKey === undefined && {
      id: 'project.E001',
      level: 'error',
      deploy: true,
      message: 'The project has no secretKey: every start makes a new one, and what was signed before counts no more.',
      hint: 'Set the environment variable SECRET_KEY, or write secretKey: … in defineProject.',
    },
    project.secretKey !== undefined &&
      (project.secretKey.length < 32 || new Set(project.secretKey).size < 5) && {
        id: 'project.W001',
        level: 'warning',
        deploy: true,
        message: 'The secretKey is short or uniform, so it can be guessed.',
        hint: "Make one with: node -p \"require('node:crypto').randomBytes(48).toString('base64url')\"",
      },
    settings.debug && {
      id: 'project.W002',
      level: 'warning',
      deploy: true,
      message: 'settings.debug is on.',
      hint: 'Write debug: false, or leave it out.',
    },
    settings.allowedHosts === null && {
      id: 'project.W003',
      level: 'warning',
      deploy: true,
      message: 'settings.allowedHosts is null: requests may name any host, and links in answers repeat it.',
      hint: "Write allowedHosts: ['api.example.com'].",
    },
    project.database.startsWith('pglite:') && {
      id: 'project.W004',
      level: 'warning',
      deploy: true,
      message: 'The database is the embedded one: one process, one connection.',
      hint: 'Set DATABASE_URL=postgresql://….',
    },
    settings.throttleStore === null &&
      settings.defaultThrottleClasses.length > 0 && {
        id: 'project.W005',
        level: 'warning',
        deploy: true,
        message:
          'Throttles count in the memory of one process; several processes together admit a multiple of the rate.',
        hint: 'Give settings.throttleStore a shared store when there is more than one process.',
      },
  ];
  return found.filter((message) => message !== false);
};
