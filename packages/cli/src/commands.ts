import type { Command } from '@rf/project';
import { checkCommand } from './commands/check.ts';
import { dev } from './commands/dev.ts';
import { explain } from './commands/explain.ts';
import { makemigrations } from './commands/makemigrations.ts';
import { migrateCommand } from './commands/migrate.ts';
import { routes } from './commands/routes.ts';
import { serve } from './commands/serve.ts';
import { shell } from './commands/shell.ts';
import { showmigrations } from './commands/showmigrations.ts';
import { sqlmigrate } from './commands/sqlmigrate.ts';
import { startapp } from './commands/startapp.ts';
import { startproject } from './commands/startproject.ts';

/** Commands that every project has. */
export const builtInCommands: readonly Command[] = [
  startproject,
  startapp,
  serve,
  dev,
  shell,
  routes,
  explain,
  checkCommand,
  migrateCommand,
  makemigrations,
  showmigrations,
  sqlmigrate,
];
