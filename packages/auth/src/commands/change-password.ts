import { CommandError, defineCommand } from '@rf/project';
import { authOptions } from '../auth-options.ts';
import { validatePassword } from '../password-validators.ts';
import { makePassword } from '../passwords.ts';
import { users } from '../user-model.ts';
import { askPassword } from './create-superuser.ts';

/** `rf changepassword USER` (CL03). The user's sessions end with it. */
export const changePassword = defineCommand({
  name: 'changepassword',
  help: "Change a user's password.",
  arguments: [{ name: 'username', help: 'whose' }],
  async run(context) {
    const { args, stdout } = context;
    const site = await context.site();
    const repository = users(site);
    const user = await repository.findOneBy({ username: args.username });
    if (user === null) throw new CommandError(`user '${args.username}' does not exist`);
    stdout(`Changing password for user '${user.username}'`);
    const { passwordHashers, passwordValidators } = authOptions(site);
    const password = await askPassword(context, (value) =>
      validatePassword(value, { username: user.username, email: user.email }, passwordValidators),
    );
    await repository.update(user.id, { password: await makePassword(password, passwordHashers) });
    stdout(`Password changed successfully for user '${user.username}'`);
  },
});
