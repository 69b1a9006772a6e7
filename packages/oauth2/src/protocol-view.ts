import { ProtocolView } from '@rf/auth';
import { db } from '@rf/orm';
import { HttpResponse, isRepeated, type Request, Response } from '@rf/views';
import { formatChallenge } from './challenge.ts';
import type { OAuth2Client } from './client.ts';
import { invalidClient, readClientCredentials } from './client-credentials.ts';
import { isLetIn } from './client-metadata/document-clients.ts';
import { authenticateClient } from './clients.ts';
import { OAuth2Error } from './oauth2-error.ts';
import type { Parameters } from './parameters.ts';
import { type OAuth2Provider, oauth2Provider } from './provider.ts';

/** An endpoint of the provider; errors in the protocol's own shape. */
export abstract class OAuth2ProtocolView extends ProtocolView {
  /** Methods that pages of other origins may use, where the provider lets them. */
  protected readonly browserMethods: string = 'POST';

  get provider(): OAuth2Provider {
    return oauth2Provider(this.site);
  }

  /** Named in challenges: every 401 must have one (RFC 6749, section 5.2; RFC 9110, section 11.6.1). */
  protected get realm(): string {
    return this.provider.options.realm;
  }

  /** The client that sends the request. Throws OAuth2Error `invalid_client`. */
  protected async authenticateClient(request: Request, form: Parameters): Promise<OAuth2Client> {
    if (isRepeated(request, 'authorization')) throw invalidClient();
    const credentials = readClientCredentials(request.headers.authorization, {
      clientId: form.get('client_id'),
      clientSecret: form.get('client_secret'),
    });
    const client = await authenticateClient(db(this.site), credentials);
    if (!isLetIn(this.site, client)) throw invalidClient();
    return client;
  }

  /** Answers the question that a browser asks before a request from a page of another origin. */
  override options(request: Request): HttpResponse {
    if (!this.provider.options.browserClients) return this.httpMethodNotAllowed(request);
    return new HttpResponse(null, {
      status: 204,
      headers: {
        'access-control-allow-methods': this.browserMethods,
        'access-control-allow-headers': 'authorization, content-type',
        'access-control-max-age': 600,
      },
    });
  }

  override handleException(error: unknown): Promise<HttpResponse> {
    if (!(error instanceof OAuth2Error)) return super.handleException(error);
    const response = new Response(error.detail, { status: error.statusCode, exception: true });
    const challenge = error.error === 'invalid_client' ? formatChallenge('Basic', this.realm) : error.challenge;
    if (challenge !== null) response.headers.set('www-authenticate', challenge);
    return Promise.resolve(response);
  }

  protected override addHeaders(response: HttpResponse): void {
    super.addHeaders(response);
    if (this.provider.options.browserClients) response.headers.set('access-control-allow-origin', '*');
  }
}
