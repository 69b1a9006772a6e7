import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const packagesFolder = resolve(import.meta.dirname, '../packages');

/** Lowest first: a row may use the rows before it, and inside a row only what its package.json names. */
const layers = [
  ['exceptions'],
  ['serializers', 'views'],
  ['orm'],
  ['generics'],
  ['project'],
  ['fastify'],
  ['auth', 'authtoken'],
  ['jwt', 'oauth1', 'oauth2', 'openid', 'digest', 'hawk', 'http-signature'],
  ['cli', 'testing'],
];
const rowOf = new Map(layers.flatMap((names, row) => names.map((name) => [name, row] as const)));
const names = readdirSync(packagesFolder).sort();

function sources(name: string): string[] {
  const folder = join(packagesFolder, name, 'src');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));
}

/** What a file imports while it runs: an import of types alone is gone by then. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8').replace(/^\s*(\/\/|\*|\/\*).*$/gm, '');
  const statements = text.matchAll(/^(?:import|export)\s+(?!type\b)(?:[^;'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm);
  return Array.from(statements, ([, specifier]) => specifier as string);
}

const packageOf = (specifier: string): string | undefined => /^@rf\/([^/]+)/.exec(specifier)?.[1];

describe('imports point down', () => {
  it('every package has a row', () => {
    expect([...rowOf.keys()].sort()).toEqual(names);
  });

  it.each(names)('@rf/%s imports no package of a higher row, and none that its package.json does not name', (name) => {
    const manifest = JSON.parse(readFileSync(join(packagesFolder, name, 'package.json'), 'utf8'));
    const named = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies };
    const wrong = sources(name).flatMap((file) =>
      importsOf(file)
        .map(packageOf)
        .filter((other): other is string => other !== undefined && other !== name)
        .filter((other) => (rowOf.get(other) ?? 99) > (rowOf.get(name) ?? -1) || !(`@rf/${other}` in named))
        .map((other) => `${relative(packagesFolder, file)} imports @rf/${other}`),
    );
    expect(wrong).toEqual([]);
  });

  it('only the packages of the server, the command line and the tests import Fastify', () => {
    const wrong = names
      .filter((name) => !['fastify', 'cli', 'testing'].includes(name))
      .flatMap(sources)
      .filter((file) => importsOf(file).some((specifier) => specifier === 'fastify'))
      .map((file) => relative(packagesFolder, file));
    expect(wrong).toEqual([]);
  });
});

describe('no file imports itself in a circle', () => {
  it.each(names)('@rf/%s', (name) => {
    const graph = new Map(
      sources(name).map((file) => [
        file,
        importsOf(file)
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => resolve(dirname(file), specifier))
          .filter((target) => existsSync(target)),
      ]),
    );
    expect(circles(graph).map((circle) => circle.map((file) => relative(packagesFolder, file)))).toEqual([]);
  });
});

function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const done = new Set<string>();
  const found: string[][] = [];
  const visit = (file: string, way: readonly string[]): void => {
    const at = way.indexOf(file);
    if (at !== -1) found.push([...way.slice(at), file]);
    if (at !== -1 || done.has(file)) return;
    for (const target of graph.get(file) ?? []) visit(target, [...way, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}
