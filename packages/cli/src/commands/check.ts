import { defineCommand, runChecks, UsageError } from '@rf/project';

/** `rf check` */
export const checkCommand = defineCommand({
  name: 'check',
  help: 'Look for mistakes in the project; with --deploy for what is unsafe in production.',
  description:
    'Needs no database. Exit code 1 when there are errors, or with --fail-level warning when there is anything.',
  options: {
    deploy: { type: 'boolean', help: 'also what matters in production only' },
    'fail-level': { type: 'string', default: 'error', placeholder: 'error|warning', help: 'what makes it fail' },
  },
  async run({ project, options, stdout }) {
    const level = options['fail-level'];
    if (level !== 'error' && level !== 'warning')
      throw new UsageError(`--fail-level ${level}: write error or warning.`);
    const found = await runChecks(project, { deploy: options.deploy });
    for (const message of found) {
      stdout(`${message.level === 'error' ? 'ERROR' : 'warning'} ${message.id}: ${message.message}`);
      if (message.hint !== undefined) stdout(`    ${message.hint}`);
    }
    const errors = found.filter((message) => message.level === 'error').length;
    stdout(
      found.length === 0 ? 'No issues.' : `${count(errors, 'error')}, ${count(found.length - errors, 'warning')}.`,
    );
    return (level === 'error' ? errors : found.length) > 0 ? 1 : 0;
  },
});

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
