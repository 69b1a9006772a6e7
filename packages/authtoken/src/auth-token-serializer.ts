import { type AbstractUser, authenticate, type LoginThrottleRates, throttleLogin } from '@rf/auth';
import { ValidationError } from '@rf/exceptions';
import { CharField, Serializer } from '@rf/serializers';
import type { Request } from '@rf/views';

/** User name and password in; `validatedData.user` is who they belong to (TK11). Attempts are counted before a password is hashed. */
export class AuthTokenSerializer extends Serializer {
  username = new CharField({ label: 'Username', writeOnly: true });
  password = new CharField({
    label: 'Password',
    style: { inputType: 'password' },
    trimWhitespace: false,
    writeOnly: true,
  });
  token = new CharField({ label: 'Token', readOnly: true });

  override async validate(attrs: {
    username: string;
    password: string;
  }): Promise<{ username: string; password: string; user: AbstractUser }> {
    const { request, view } = this.context as {
      request: Request;
      view?: { loginThrottle?: LoginThrottleRates | null };
    };
    // By the name that is looked for: the field has taken white space off, and made a text of a number.
    await throttleLogin(request, attrs.username, view?.loginThrottle);
    const user = await authenticate(request, attrs);
    if (user === null) throw new ValidationError('Unable to log in with provided credentials.', 'authorization');
    return { ...attrs, user };
  }
}
