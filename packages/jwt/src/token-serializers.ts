import { type AbstractUser, authenticate, throttleLogin, updateLastLogin } from '@rf/auth';
import { AuthenticationFailed, ValidationError } from '@rf/exceptions';
import { CharField, Serializer, type SerializerClass } from '@rf/serializers';
import type { Request } from '@rf/views';
import { jwtService } from './jwt-service.ts';
import { RefreshToken } from './refresh-token.ts';
import { SlidingToken } from './sliding-token.ts';
import type { Token } from './token.ts';
import type { TokenAnswer } from './token-answer.ts';
import { findTokenUser, refusePasswordChange } from './token-user-lookup.ts';
import { UntypedToken } from './untyped-token.ts';

type Attrs = Readonly<Record<string, unknown>>;

function requestOf(serializer: Serializer): Request {
  return serializer.context.request as Request;
}

/** Checks name and password; its subclasses issue tokens (JW01). */
export abstract class TokenObtainSerializer extends Serializer {
  username = new CharField({ writeOnly: true });
  password = new CharField({ writeOnly: true, trimWhitespace: false, style: { inputType: 'password' } });

  override async validate(attrs: Attrs): Promise<TokenAnswer> {
    const request = requestOf(this);
    const { options } = jwtService(request);
    const { username, password } = attrs as { username: string; password: string };
    await throttleLogin(request, username);
    const user = await authenticate(request, { username, password });
    if (user === null || !(await options.userAuthenticationRule(user))) {
      await options.onLoginFailed?.(username, request);
      throw new AuthenticationFailed('No active account found with the given credentials', 'no_active_account');
    }
    const answer = await this.issue(user);
    if (options.updateLastLogin) await updateLastLogin(request, user);
    await options.onLoginSuccess?.(user, request);
    return answer;
  }

  /** The tokens for a user who has logged in. */
  protected abstract issue(user: AbstractUser): Promise<TokenAnswer>;
}

/** Name and password in, refresh and access token out. Override {@link getToken} for claims of your own. */
export class TokenObtainPairSerializer extends TokenObtainSerializer {
  getToken(user: AbstractUser): Promise<RefreshToken> {
    const request = requestOf(this);
    return (jwtService(request).options.refreshTokenClass ?? RefreshToken).forUser(request, user);
  }

  protected override async issue(user: AbstractUser): Promise<TokenAnswer> {
    const refresh = await this.getToken(user);
    return { refresh: await refresh.encode(), access: await refresh.accessToken.encode() };
  }
}

/** Name and password in, one sliding token out (JW11). */
export class TokenObtainSlidingSerializer extends TokenObtainSerializer {
  getToken(user: AbstractUser): Promise<SlidingToken> {
    const request = requestOf(this);
    return (jwtService(request).options.slidingTokenClass ?? SlidingToken).forUser(request, user);
  }

  protected override async issue(user: AbstractUser): Promise<TokenAnswer> {
    return { token: await (await this.getToken(user)).encode() };
  }
}

/** The user of a token that asks for more tokens. Throws AuthenticationFailed when there is none who may log in (JW07). */
async function renewingUser(request: Request, token: Token): Promise<AbstractUser> {
  const service = jwtService(request);
  const user = await findTokenUser(request, token);
  if (user === null || !(await service.options.userAuthenticationRule(user))) {
    throw new AuthenticationFailed('No active account found for the given token.', 'no_active_account');
  }
  refusePasswordChange(service, user, token);
  return user;
}

/** Refresh token in, access token and, with rotation, a new refresh token out (JW07). */
export class TokenRefreshSerializer extends Serializer {
  refresh = new CharField();
  access = new CharField({ readOnly: true });

  override async validate(attrs: Attrs): Promise<TokenAnswer> {
    const request = requestOf(this);
    const { options } = jwtService(request);
    const refresh = await (options.refreshTokenClass ?? RefreshToken).verify(request, attrs.refresh as string);
    const user = await renewingUser(request, refresh);
    if (!options.rotateRefreshTokens) return { access: await refresh.accessToken.encode() };
    const next = await refresh.rotate(user);
    return { access: await next.accessToken.encode(), refresh: await next.encode() };
  }
}

/** Sliding token in, the same with a whole lifetime out (JW11). */
export class TokenRefreshSlidingSerializer extends Serializer {
  token = new CharField();

  override async validate(attrs: Attrs): Promise<TokenAnswer> {
    const request = requestOf(this);
    const { options } = jwtService(request);
    const token = await (options.slidingTokenClass ?? SlidingToken).verify(request, attrs.token as string);
    await renewingUser(request, token);
    return { token: await token.renew().encode() };
  }
}

/** Any token in, nothing out (JW08). */
export class TokenVerifySerializer extends Serializer {
  token = new CharField({ writeOnly: true });

  override async validate(attrs: Attrs): Promise<TokenAnswer> {
    const request = requestOf(this);
    const { options, blacklist } = jwtService(request);
    const token = await UntypedToken.verify(request, attrs.token as string);
    if (options.blacklist && (await blacklist.has(token.jti))) {
      throw new ValidationError(options.messages.blacklisted);
    }
    return {};
  }
}

/** Refresh token in, taken back (JW09). */
export class TokenBlacklistSerializer extends Serializer {
  refresh = new CharField({ writeOnly: true });

  override async validate(attrs: Attrs): Promise<TokenAnswer> {
    const request = requestOf(this);
    const { options } = jwtService(request);
    const refresh = await (options.refreshTokenClass ?? RefreshToken).verify(request, attrs.refresh as string);
    if (options.blacklist) await refresh.blacklist();
    return {};
  }
}

/** The serializer of each token view; replace them by the option `serializers` of `jwt()`. */
export interface TokenSerializers {
  readonly obtainPair: SerializerClass;
  readonly obtainSliding: SerializerClass;
  readonly refresh: SerializerClass;
  readonly refreshSliding: SerializerClass;
  readonly verify: SerializerClass;
  readonly blacklist: SerializerClass;
}

export const defaultTokenSerializers: TokenSerializers = {
  obtainPair: TokenObtainPairSerializer,
  obtainSliding: TokenObtainSlidingSerializer,
  refresh: TokenRefreshSerializer,
  refreshSliding: TokenRefreshSlidingSerializer,
  verify: TokenVerifySerializer,
  blacklist: TokenBlacklistSerializer,
};
