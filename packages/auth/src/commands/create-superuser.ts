import { snakeCase } from '@rf/orm';
import { CommandError, defineCommand, type ProjectSite, type Terminal } from '@rf/project';
import { authOptions } from '../auth-options.ts';
import { createSuperuser } from '../create-user.ts';
import { findUser } from '../find-user.ts';
import { validatePassword } from '../password-validators.ts';
import { userModel } from '../user-model.ts';
import { isUsername } from '../username-validator.ts';
import { askPassword } from './ask-password.ts';

/** `rf createsuperuser`: asks for what is missing, or with `--noinput` takes it from the environment (CL03). */
export const createSuperuserCommand = defineCommand({
  name: 'createsuperuser',
  help: 'Make a user who may do everything.',
  description:
    'Asks for name, address and password, and for what else the user model has among its requiredFields. With --noinput they come from ' +
    'the options or from RF_SUPERUSER_USERNAME, RF_SUPERUSER_EMAIL, RF_SUPERUSER_PASSWORD and so on; without a password the user ' +
    'cannot log in with one.',
  options: {
    username: { type: 'string', help: 'the name to log in with' },
    email: { type: 'string', help: 'e-mail address' },
    noinput: { type: 'boolean', help: 'ask nothing' },
  },
  async run(context) {
    const { options, env, stdout } = context;
    const site = await context.site();
    const { usernameField, requiredFields } = userModel(site);
    const columns: Record<string, string> = {};
    for (const field of new Set([usernameField, ...requiredFields])) {
      const isName = field === usernameField;
      const given = isName ? options.username : field === 'email' ? options.email : undefined;
      const value = given ?? env[`RF_SUPERUSER_${isName ? 'USERNAME' : snakeCase(field).toUpperCase()}`];
      columns[field] = await readColumn(context, {
        question: QUESTIONS[field] ?? `${snakeCase(field).replaceAll('_', ' ')}: `,
        value: value ?? (options.noinput ? '' : undefined),
        fault: isName ? (name) => faultOfName(site, name, usernameField) : () => null,
      });
    }
    const password = options.noinput
      ? (env.RF_SUPERUSER_PASSWORD ?? null)
      : await askPassword(context, {
          validate: (value) => validatePassword(value, columns, authOptions(site).passwordValidators),
          mayBypass: true,
        });
    // A model that is logged in to by another field still has this column, and it must be unique.
    const username = columns.username ?? (columns[usernameField] as string);
    await createSuperuser(site, { ...columns, username, password });
    stdout('Superuser created successfully.');
  },
});

const QUESTIONS: Readonly<Record<string, string>> = { username: 'Username: ', email: 'Email address: ' };

interface ColumnQuestion {
  readonly question: string;
  /** What was given; undefined asks. */
  readonly value: string | undefined;
  /** What is wrong with an answer; null for nothing. */
  fault(answer: string): Promise<string | null> | null;
}

async function readColumn(terminal: Terminal, { question, value, fault }: ColumnQuestion): Promise<string> {
  if (value !== undefined) {
    const wrong = await fault(value);
    if (wrong !== null) throw new CommandError(wrong);
    return value;
  }
  for (;;) {
    const answer = (await terminal.prompt(question)).trim();
    const wrong = await fault(answer);
    if (wrong === null) return answer;
    terminal.stderr(`Error: ${wrong}`);
  }
}

async function faultOfName(site: ProjectSite, name: string, usernameField: string): Promise<string | null> {
  if (name === '') return 'A user name is needed: give --username NAME or set RF_SUPERUSER_USERNAME.';
  if (usernameField === 'username' && (name.length > 150 || !isUsername(name))) {
    return 'A user name has at most 150 characters: letters, digits and @ . + - _ only.';
  }
  return (await findUser(site, name)) === null ? null : 'That username is already taken.';
}
