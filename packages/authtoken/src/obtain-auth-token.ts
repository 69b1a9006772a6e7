import type { AbstractUser, LoginThrottleRates } from '@rf/auth';
import { describeFields } from '@rf/generics';
import { db } from '@rf/orm';
import {
  APIView,
  FormParser,
  JSONParser,
  JSONRenderer,
  MultiPartParser,
  parserClasses,
  permissionClasses,
  rendererClasses,
  type Request,
  throttleClasses,
} from '@rf/views';
import { AuthTokenSerializer } from './auth-token-serializer.ts';
import { getOrCreateToken } from './create-token.ts';

/**
 * Exchanges user name and password for the user's token (TK06–TK10): mount {@link obtainAuthToken}, or a subclass whose `post` answers
 * more.
 *
 * It has parsers and a renderer of its own, and neither the project's permissions nor its throttles; attempts are limited by account
 * and address instead.
 */
@throttleClasses()
@permissionClasses()
@parserClasses(FormParser, MultiPartParser, JSONParser)
@rendererClasses(JSONRenderer)
export class ObtainAuthToken extends APIView {
  serializerClass: new (options: ConstructorParameters<typeof AuthTokenSerializer>[0]) => AuthTokenSerializer =
    AuthTokenSerializer;

  /** Limits of attempts; those of `auth()` unless overridden, null for none. */
  loginThrottle: LoginThrottleRates | null | undefined = undefined;

  /**
   * False, whatever `atomicRequests` says: a flood of attempts must not hold every database connection while passwords are hashed. A
   * subclass that writes more calls `atomic()` for it.
   */
  override get isAtomic(): boolean {
    return false;
  }

  getSerializerContext(): Record<string, unknown> {
    return { request: this.request, format: this.getFormatSuffix(), view: this };
  }

  getSerializer(options: { data?: unknown } = {}): AuthTokenSerializer {
    return new this.serializerClass({ ...options, context: this.getSerializerContext() });
  }

  /** For OPTIONS: the fields that POST takes (MD02). */
  describeActions(_request: Request): Record<string, unknown> {
    return { POST: describeFields(this.getSerializer()) };
  }

  override async post(request: Request): Promise<unknown> {
    const { token } = await this.obtain(request);
    return { token };
  }

  /** The user that the request's name and password belong to, and their token. Throws ValidationError. */
  async obtain(request: Request): Promise<{ user: AbstractUser; token: string }> {
    const serializer = this.getSerializer({ data: request.data });
    await serializer.isValid({ raise: true });
    const { user } = serializer.validatedData as unknown as { user: AbstractUser };
    const token = await getOrCreateToken(db(request), user);
    return { user, token: token.key };
  }
}

/** The view itself, for `path('/api-token-auth/', obtainAuthToken)`. */
export const obtainAuthToken = ObtainAuthToken;
