import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { CommandError, defineCommand, UsageError } from '@rf/project';
import { version } from '../overview.ts';
import { renderTemplate } from '../render-template.ts';

/** What a new project uses of ours, and what these need beside them. */
const PACKAGES = [
  'auth',
  'authtoken',
  'cli',
  'exceptions',
  'fastify',
  'generics',
  'orm',
  'project',
  'serializers',
  'views',
];
const OTHERS = { fastify: '^5.12.0', 'reflect-metadata': '^0.2.2', typeorm: '^1.1.0' };

/** `rf startproject` */
export const startproject = defineCommand({
  name: 'startproject',
  help: 'Make the folder of a new project.',
  isStandalone: true,
  arguments: [
    { name: 'name', help: 'name of the project' },
    { name: 'directory', help: 'where to make it; a folder of that name unless given', optional: true },
  ],
  options: {
    packages: {
      type: 'string',
      placeholder: 'FOLDER',
      help: 'take the @rf packages from tarballs in a folder, as npm pack makes them, instead of the registry',
    },
  },
  run({ args, options, stdout }) {
    const { name } = args;
    if (!/^[a-z][a-z0-9-]*$/.test(name)) {
      throw new UsageError(`${name} cannot name a project: use lower-case letters, digits and "-", a letter first.`);
    }
    const target = path.resolve(args.directory ?? name);
    const dependencies = { ...ownPackages(options.packages), ...OTHERS };
    renderTemplate('project', target, {
      name,
      secretKey: randomBytes(48).toString('base64url'),
      dependencies: JSON.stringify(dependencies, null, 2).replaceAll('\n', '\n  '),
    });
    stdout(`Made ${path.relative(process.cwd(), target) || 'the project'}. Now:`);
    const folder = path.relative(process.cwd(), target);
    if (folder !== '') stdout(`  cd ${folder}`);
    for (const line of ['npm install', 'npx rf migrate', 'npx rf createsuperuser', 'npx rf dev']) stdout(`  ${line}`);
  },
});

function ownPackages(folder: string | undefined): Record<string, string> {
  if (folder === undefined) return Object.fromEntries(PACKAGES.map((name) => [`@rf/${name}`, `^${version}`]));
  const directory = path.resolve(folder);
  const files = existsSync(directory) ? readdirSync(directory) : [];
  const entries = PACKAGES.map((name) => {
    const file = files.find((each) => new RegExp(`^rf-${name}-\\d[^/]*\\.tgz$`).test(each));
    if (file === undefined)
      throw new CommandError(`${directory} has no rf-${name}-VERSION.tgz; make it with npm pack.`);
    return [`@rf/${name}`, `file:${path.join(directory, file)}`];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}
