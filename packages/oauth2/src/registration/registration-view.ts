import { APIException, ErrorDetail, Http404 } from '@rf/exceptions';
import { type Awaitable, HttpResponse, JSONParser, parserClasses, type Request, Response } from '@rf/views';
import type { OAuth2Client } from '../client.ts';
import type { OAuth2ErrorCode } from '../oauth2-error.ts';
import { OAuth2Error } from '../oauth2-error.ts';
import { OAuth2ProtocolView } from '../protocol-view.ts';
import { type ClientMembers, clientMembers, clientMetadataOf } from './client-metadata.ts';
import type { ResolvedRegistrationOptions } from './registration-options.ts';

/** What a refusal by a policy or a parser is called in the protocol. */
const ERRORS: Readonly<Record<number, OAuth2ErrorCode>> = {
  400: 'invalid_client_metadata',
  401: 'invalid_token',
  403: 'access_denied',
  413: 'invalid_client_metadata',
  415: 'invalid_client_metadata',
  429: 'temporarily_unavailable',
};

/** What is told of a registration once, since only hashes are kept. */
export interface RegistrationSecrets {
  /** Null when there is none, or no new one. */
  readonly clientSecret: string | null;
  readonly registrationToken: string;
}

/** An endpoint of clients that register themselves; there only while the project lets them (RFC 7591, RFC 7592). */
@parserClasses(JSONParser)
export abstract class RegistrationView extends OAuth2ProtocolView {
  protected get registration(): ResolvedRegistrationOptions {
    const { registration } = this.provider.options;
    if (registration === null) throw new Http404();
    return registration;
  }

  override initial(request: Request): Awaitable<void> {
    if (this.provider.options.registration === null) throw new Http404();
    return super.initial(request);
  }

  /** Refusals of policies and parsers, in the shape of the protocol (RFC 7591, section 3.2.2). */
  override async handleException(error: unknown): Promise<HttpResponse> {
    const answer = await super.handleException(error);
    const code = ERRORS[answer.status];
    if (error instanceof OAuth2Error || !(error instanceof APIException) || code === undefined) return answer;
    const description = error.detail instanceof ErrorDetail ? { error_description: String(error.detail) } : {};
    if (answer instanceof Response) answer.data = { error: code, ...description };
    return answer;
  }

  protected readMembers(request: Request): ClientMembers {
    return clientMembers(request.data);
  }

  /** The client information response (RFC 7591, section 3.2.1). */
  protected describe(request: Request, client: OAuth2Client, secrets: RegistrationSecrets): Record<string, unknown> {
    const { clientSecret, registrationToken } = secrets;
    const name = [...this.namespaces, 'dcr-register-management'].join(':');
    const path = this.site.urls.reverse(name, { clientId: client.clientId });
    return {
      client_id: client.clientId,
      client_id_issued_at: Math.floor(client.created.getTime() / 1000),
      ...(clientSecret !== null && { client_secret: clientSecret, client_secret_expires_at: 0 }),
      registration_access_token: registrationToken,
      registration_client_uri: new URL(path, this.provider.issuer(request)).href,
      ...clientMetadataOf(client),
    };
  }
}
