import { APIException } from '@rf/exceptions';
import { CommandError, defineCommand, type Terminal } from '@rf/project';
import { authOptions } from '../auth-options.ts';
import { createSuperuser } from '../create-user.ts';
import { validatePassword } from '../password-validators.ts';
import { users } from '../user-model.ts';

/** `rf createsuperuser`: asks for what is missing, or with `--noinput` takes it from the environment (CL03). */
export const createSuperuserCommand = defineCommand({
  name: 'createsuperuser',
  help: 'Make a user who may do everything.',
  description:
    'Asks for name, address and password. With --noinput they come from the options or from RF_SUPERUSER_USERNAME, ' +
    'RF_SUPERUSER_EMAIL and RF_SUPERUSER_PASSWORD; without a password the user cannot log in with one.',
  options: {
    username: { type: 'string', help: 'user name' },
    email: { type: 'string', help: 'e-mail address' },
    noinput: { type: 'boolean', help: 'ask nothing' },
  },
  async run(context) {
    const { options, env, stdout } = context;
    const ask = !options.noinput;
    const site = await context.site();
    const username = options.username ?? env.RF_SUPERUSER_USERNAME ?? (ask ? await context.prompt('Username: ') : '');
    if (username === '') {
      throw new CommandError('A user name is needed: give --username NAME or set RF_SUPERUSER_USERNAME.');
    }
    if (!/^[\p{L}\p{N}_.@+-]{1,150}$/u.test(username)) {
      throw new CommandError('A user name has at most 150 characters: letters, digits and @ . + - _ only.');
    }
    if (await users(site).existsBy({ username })) throw new CommandError('That username is already taken.');
    const email = options.email ?? env.RF_SUPERUSER_EMAIL ?? (ask ? await context.prompt('Email address: ') : '');
    const password = ask
      ? await askPassword(context, (value) =>
          validatePassword(value, { username, email }, authOptions(site).passwordValidators),
        )
      : (env.RF_SUPERUSER_PASSWORD ?? null);
    await createSuperuser(site, { username, email, password });
    stdout('Superuser created successfully.');
  },
});

/** Asks twice for a new password until it is good. */
export async function askPassword(terminal: Terminal, validate: (password: string) => void): Promise<string> {
  for (;;) {
    const password = await terminal.prompt('Password: ', { hidden: true });
    const again = await terminal.prompt('Password (again): ', { hidden: true });
    if (password !== again) {
      terminal.stderr("Error: Your passwords didn't match.");
      continue;
    }
    if (password === '') {
      terminal.stderr("Error: Blank passwords aren't allowed.");
      continue;
    }
    try {
      validate(password);
      return password;
    } catch (error) {
      if (!(error instanceof APIException)) throw error;
      for (const fault of [error.detail].flat()) terminal.stderr(String(fault));
      if (!(await isAccepted(terminal))) continue;
      return password;
    }
  }
}

async function isAccepted(terminal: Terminal): Promise<boolean> {
  const answer = await terminal.prompt('Bypass password validation and create user anyway? [y/N]: ');
  return answer.trim().toLowerCase() === 'y';
}
