import { db } from '@rf/orm';
import {
  APIView,
  authenticationClasses,
  contentNegotiationClass,
  FirstRendererNegotiation,
  FormParser,
  HttpResponse,
  isRepeated,
  JSONRenderer,
  metadataClass,
  parserClasses,
  permissionClasses,
  rendererClasses,
  type Request,
  Response,
  throttleClasses,
  versioningClass,
} from '@rf/views';
import type { OAuth2Client } from './client.ts';
import { invalidClient, readClientCredentials } from './client-credentials.ts';
import { authenticateClient } from './clients.ts';
import { OAuth2Error } from './oauth2-error.ts';
import type { Parameters } from './parameters.ts';
import { type OAuth2Provider, oauth2Provider } from './provider.ts';

/**
 * An endpoint that clients, not people, speak to: a form in, JSON out, errors in the protocol's own shape, nothing cached.
 */
@authenticationClasses()
@permissionClasses()
@throttleClasses()
@parserClasses(FormParser)
@rendererClasses(JSONRenderer)
@contentNegotiationClass(FirstRendererNegotiation)
@versioningClass(null)
@metadataClass(null)
export abstract class ProtocolView extends APIView {
  /** A refusal keeps what it found out, such as a second use of a code. */
  override get isAtomic(): boolean {
    return false;
  }

  get provider(): OAuth2Provider {
    return oauth2Provider(this.site);
  }

  /** The client that sends the request. Throws OAuth2Error `invalid_client`. */
  protected async authenticateClient(request: Request, form: Parameters): Promise<OAuth2Client> {
    if (isRepeated(request, 'authorization')) throw invalidClient();
    const credentials = readClientCredentials(request.headers.authorization, {
      clientId: form.get('client_id'),
      clientSecret: form.get('client_secret'),
    });
    return authenticateClient(db(this.site), credentials);
  }

  /** Answers the question that a browser asks before a request from a page of another origin. */
  override options(request: Request): HttpResponse {
    if (!this.provider.options.browserClients) return this.httpMethodNotAllowed(request);
    return new HttpResponse(null, {
      status: 204,
      headers: {
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'authorization, content-type',
        'access-control-max-age': 600,
      },
    });
  }

  override handleException(error: unknown): Promise<HttpResponse> {
    if (!(error instanceof OAuth2Error)) return super.handleException(error);
    const response = new Response(error.detail, { status: error.statusCode, exception: true });
    if (error.challenge !== null) response.headers.set('www-authenticate', error.challenge);
    return Promise.resolve(response);
  }

  override finalizeResponse(request: Request, answer: unknown): ReturnType<APIView['finalizeResponse']> {
    request.onResponse((response) => this.addHeaders(response));
    return super.finalizeResponse(request, answer);
  }

  /** No cache may keep what has tokens in it (RFC 6749, section 5.1). */
  protected addHeaders({ headers }: HttpResponse): void {
    headers.set('cache-control', 'no-store');
    headers.set('pragma', 'no-cache');
    if (this.provider.options.browserClients) headers.set('access-control-allow-origin', '*');
  }
}
