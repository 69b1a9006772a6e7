import { defineCommand, migrate, type MigrationStep, pendingMigrations, UsageError } from '@rf/project';
import { appNamed } from '../app-named.ts';

/** `rf migrate` */
export const migrateCommand = defineCommand({
  name: 'migrate',
  help: 'Bring the database to the state that the migrations describe.',
  description:
    'Without arguments all migrations of all apps are applied. With APP those of the app and what they need; with NAME the app ' +
    'goes to that migration, forwards or backwards; zero takes all of them back.',
  arguments: [
    { name: 'app', help: 'label of an app', optional: true },
    { name: 'name', help: 'name of a migration, or its beginning, or zero', optional: true },
  ],
  options: {
    fake: { type: 'boolean', help: 'only record the migrations as applied, or as taken back' },
    'fake-initial': { type: 'boolean', help: 'only record an initial migration whose tables all exist' },
    plan: { type: 'boolean', help: 'show what would be done' },
    check: { type: 'boolean', help: 'do nothing; exit code 1 when something is left to do' },
  },
  async run({ project, args, options, stdout }) {
    const target = {
      ...(args.app === undefined ? {} : { app: appNamed(project, args.app) }),
      ...(args.name === undefined ? {} : { name: args.name }),
    };
    if (options.fake && options['fake-initial']) throw new UsageError('--fake and --fake-initial exclude each other.');
    if (options.plan || options.check) {
      const steps = await pendingMigrations(project, target);
      for (const step of steps) stdout(describe(step));
      if (steps.length === 0) stdout('Nothing to do.');
      return options.check && steps.length > 0 ? 1 : 0;
    }
    const taken = await migrate(project, {
      ...target,
      fake: options.fake,
      fakeInitial: options['fake-initial'],
      log: stdout,
    });
    if (taken.length === 0) stdout('Nothing to do.');
    return 0;
  },
});

function describe({ node, direction }: MigrationStep): string {
  return `${direction === 'forwards' ? 'apply' : 'take back'} ${node.id}`;
}
