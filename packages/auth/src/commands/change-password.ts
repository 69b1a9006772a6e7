import { defineCommand } from '@rf/project';
import { authOptions } from '../auth-options.ts';
import { validatePassword } from '../password-validators.ts';
import { setPassword } from '../set-password.ts';
import { askPassword } from './ask-password.ts';
import { userNamed } from './user-named.ts';

/** `rf changepassword USER` (CL03). The user's sessions end with it. */
export const changePassword = defineCommand({
  name: 'changepassword',
  help: "Change a user's password.",
  arguments: [{ name: 'username', help: 'whose' }],
  async run(context) {
    const { args, stdout } = context;
    const site = await context.site();
    const user = await userNamed(site, args.username);
    stdout(`Changing password for user '${user.getUsername()}'`);
    const { passwordValidators } = authOptions(site);
    const password = await askPassword(context, {
      validate: (value) => validatePassword(value, { ...user }, passwordValidators),
    });
    await setPassword(site, user, password);
    stdout(`Password changed successfully for user '${user.getUsername()}'`);
  },
});
