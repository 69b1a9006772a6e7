import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandError } from '@rf/project';

/** Files whose real name npm or git would take as meant for the package itself. */
const RENAMED: Readonly<Record<string, string>> = { gitignore: '.gitignore', env: '.env' };

/**
 * Copies the files of a template folder, with `{{word}}` replaced in names and texts. Returns their paths.
 *
 * Throws CommandError when one of them exists: nothing is overwritten, and nothing is written then.
 */
export function renderTemplate(template: string, target: string, words: Readonly<Record<string, string>>): string[] {
  const folder = fileURLToPath(new URL(`../templates/${template}/`, import.meta.url));
  const files = readdirSync(folder).map((file) => {
    const name = file.replace(/\.template$/, '');
    return {
      path: path.join(target, fileName(RENAMED[name] ?? name, words)),
      text: fill(readFileSync(path.join(folder, file), 'utf8'), words),
    };
  });
  mkdirSync(target, { recursive: true });
  const present = new Set(readdirSync(target));
  const taken = files.find((file) => present.has(path.basename(file.path)));
  if (taken !== undefined) throw new CommandError(`${taken.path} exists already; nothing was written.`);
  for (const file of files) writeFileSync(file.path, file.text, { flag: 'wx' });
  return files.map((file) => file.path);
}

function fileName(name: string, words: Readonly<Record<string, string>>): string {
  return name === 'entity.ts' ? `${words.entity}.ts` : name;
}

function fill(text: string, words: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_all, word: string) => words[word] ?? '');
}
