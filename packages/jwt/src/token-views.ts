import { csrfToken, enforceCsrf, rotateCsrfToken } from '@rf/auth';
import { NotAuthenticated } from '@rf/exceptions';
import type { Serializer, SerializerClass } from '@rf/serializers';
import {
  APIView,
  authenticationClasses,
  type HttpResponse,
  permissionClasses,
  type Request,
  Response,
} from '@rf/views';
import { BearerChallenge } from './bearer-challenge.ts';
import { type JwtService, jwtService } from './jwt-service.ts';
import type { TokenAnswer } from './token-answer.ts';
import { clearTokenCookies, refreshCookie, setTokenCookies } from './token-cookies.ts';
import { TokenError } from './token-error.ts';
import { invalidToken } from './token-failure.ts';
import { defaultTokenSerializers, type TokenSerializers } from './token-serializers.ts';

/** How token views hand tokens over: in the body, or in HttpOnly cookies that scripts cannot read (W15). */
export type TokenTransport = 'body' | 'cookie';

/** No cache may keep an answer that holds tokens. */
const noStore = { 'cache-control': 'no-store' };

/** The shared steps of the token views. Anyone may call them; a 401 names the Bearer challenge. */
@authenticationClasses(BearerChallenge)
@permissionClasses()
export abstract class TokenViewBase extends APIView {
  /** Set by `jwtUrls()`. */
  transport: TokenTransport = 'body';

  /** Which of the project's serializers does the work. */
  protected abstract readonly role: keyof TokenSerializers;

  /** What a spent token sets off must stay, whatever is answered. */
  override get isAtomic(): boolean {
    return false;
  }

  /** The serializer class; override it to replace the work of this view alone. */
  getSerializerClass(): SerializerClass {
    return this.service.options.serializers?.[this.role] ?? defaultTokenSerializers[this.role];
  }

  getSerializerContext(): Record<string, unknown> {
    return { request: this.request, format: this.getFormatSuffix(), view: this };
  }

  getSerializer(options: { readonly data?: unknown } = {}): Serializer {
    return new (this.getSerializerClass())({ ...options, context: this.getSerializerContext() });
  }

  override async post(request: Request): Promise<HttpResponse> {
    if (this.transport === 'cookie') {
      await enforceCsrf(request);
      return this.postCookies(request);
    }
    return new Response(await this.run(request.data), { headers: noStore });
  }

  /** The same with cookies; the body then holds no token. */
  protected async postCookies(request: Request): Promise<HttpResponse> {
    const response = new Response({}, { headers: noStore });
    setTokenCookies(request, response, await this.run(request.data));
    return response;
  }

  protected get service(): JwtService {
    return jwtService(this.site);
  }

  /** Runs the serializer on `data`. A token that is refused is 401 `token_not_valid`. */
  protected async run(data: unknown): Promise<TokenAnswer> {
    const serializer = this.getSerializer({ data });
    try {
      await serializer.isValid({ raise: true });
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      this.site.logger.debug({ scheme: 'jwt', reason: error.reason }, 'A token was refused');
      throw invalidToken(error.message);
    }
    return serializer.validatedData as TokenAnswer;
  }
}

/** POST name and password for a refresh and an access token (JW01). */
export class TokenObtainPairView extends TokenViewBase {
  protected override readonly role = 'obtainPair';

  protected override async postCookies(request: Request): Promise<HttpResponse> {
    const response = await super.postCookies(request);
    // A token that was planted before the log-in must not speak for the user after it.
    rotateCsrfToken(request);
    return response;
  }
}

/** POST a refresh token for an access token and, with rotation, a new refresh token (JW07). */
export class TokenRefreshView extends TokenViewBase {
  protected override readonly role = 'refresh';

  protected override async postCookies(request: Request): Promise<HttpResponse> {
    const refresh = refreshCookie(request);
    if (refresh === undefined) throw new NotAuthenticated();
    const response = new Response({}, { headers: noStore });
    try {
      setTokenCookies(request, response, await this.run({ refresh }));
    } catch (error) {
      request.onResponse((refusal) => clearTokenCookies(request, refusal));
      throw error;
    }
    return response;
  }
}

/** POST any token to learn whether it is good (JW08). */
export class TokenVerifyView extends TokenViewBase {
  protected override readonly role = 'verify';

  protected override async postCookies(request: Request): Promise<HttpResponse> {
    return new Response(await this.run(request.data));
  }
}

/** POST a refresh token to take it back (JW09); with cookies this is the log-out, and clears both. */
export class TokenBlacklistView extends TokenViewBase {
  protected override readonly role = 'blacklist';

  protected override async postCookies(request: Request): Promise<HttpResponse> {
    request.onResponse((response) => clearTokenCookies(request, response));
    const refresh = refreshCookie(request);
    if (refresh !== undefined) await this.run({ refresh });
    return new Response({});
  }
}

/** POST name and password for a sliding token (JW11). */
export class TokenObtainSlidingView extends TokenViewBase {
  protected override readonly role = 'obtainSliding';
}

/** POST a sliding token to renew it (JW11). */
export class TokenRefreshSlidingView extends TokenViewBase {
  protected override readonly role = 'refreshSliding';
}

/** GET sets the CSRF cookie that the cookie transport asks back in `X-CSRFToken`. */
@authenticationClasses()
@permissionClasses()
export class TokenCsrfView extends APIView {
  override get(request: Request): HttpResponse {
    csrfToken(request);
    return new Response(undefined, { status: 204 });
  }
}
