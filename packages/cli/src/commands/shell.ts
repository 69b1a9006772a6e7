import { once } from 'node:events';
import { start } from 'node:repl';
import { inspect } from 'node:util';
import { db } from '@rf/orm';
import { defineCommand, type ProjectSite } from '@rf/project';

/** `rf shell` */
export const shell = defineCommand({
  name: 'shell',
  help: 'A JavaScript console with the open project.',
  description: 'It has site, project, db (the entity manager) and every entity by its name: await db.count(Book)',
  options: { command: { type: 'string', short: 'c', help: 'run this code, show its value, and end' } },
  async run(context) {
    const site = await context.site();
    const names = namesOf(site);
    if (context.options.command !== undefined) {
      context.stdout(inspect(await evaluate(context.options.command, names), { depth: 4 }));
      return;
    }
    context.stdout(`Names: ${Object.keys(names).join(', ')}`);
    const console = start({ prompt: 'rf> ' });
    Object.assign(console.context, names);
    await once(console, 'exit');
  },
});

function namesOf(site: ProjectSite): Record<string, unknown> {
  const entities = site.project.entities.map((entity) => [entity.name, entity]);
  return { site, project: site.project, db: db(site), ...Object.fromEntries(entities) };
}

/** The value of an expression, which may await; statements may follow each other when the last one returns. */
function evaluate(code: string, names: Readonly<Record<string, unknown>>): Promise<unknown> {
  const parameters = Object.keys(names);
  const compile = (body: string) => new AsyncFunction(...parameters, body);
  let run: (...values: unknown[]) => Promise<unknown>;
  try {
    run = compile(`return (${code}\n)`);
  } catch {
    run = compile(code);
  }
  return run(...Object.values(names));
}

const AsyncFunction = (async () => {}).constructor as new (
  ...words: string[]
) => (...values: unknown[]) => Promise<unknown>;
