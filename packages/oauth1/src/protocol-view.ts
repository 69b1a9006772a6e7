import { ProtocolView } from '@rf/auth';
import { PermissionDenied } from '@rf/exceptions';
import { authenticationClasses, HttpResponse, type Request } from '@rf/views';
import { OAuth1BadRequest } from './oauth1-error.ts';
import { OAuthAuthentication } from './oauth-authentication.ts';
import { type OAuth1Provider, oauth1Provider } from './provider.ts';
import { readSignedParameters, requiredParameters, type SignedParameters } from './signed-parameters.ts';

/** Hosts of the own machine: nobody listens between, and nothing else can be reached by these names. */
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/** Leaves it to the handler who the consumer is, and says how to come back with a 401. */
class EndpointAuthentication extends OAuthAuthentication {
  /** The option `tlsRequired` keeps http out, and `rf check --deploy` names a project that switches it off. */
  override readonly overHttp = null;

  override authenticate(): Promise<null> {
    return Promise.resolve(null);
  }
}

/** An endpoint of the provider: signed requests in, form-encoded credentials out. */
@authenticationClasses(EndpointAuthentication)
export abstract class OAuth1ProtocolView extends ProtocolView {
  get provider(): OAuth1Provider {
    return oauth1Provider(this.site);
  }

  /**
   * The parameters of a request to an endpoint. Throws PermissionDenied for one that came in clear, since the answer holds a secret
   * (RFC 5849, sections 2.1 and 2.3), and OAuth1BadRequest when a parameter is missing.
   */
  protected async readParameters(request: Request, needed: readonly string[]): Promise<SignedParameters> {
    if (this.provider.options.tlsRequired && !request.isSecure && !LOOPBACK.test(request.host)) {
      throw new PermissionDenied('Use https: the answer holds a secret.');
    }
    const parameters = await readSignedParameters(request);
    const missing = [...requiredParameters.filter((name) => name !== 'oauth_token'), ...needed].filter(
      (name) => !parameters?.protocol.get(name),
    );
    if (parameters === null || missing.length > 0) {
      throw new OAuth1BadRequest(`Missing parameters: ${missing.join(', ')}`);
    }
    return parameters;
  }

  /** Form-encoded credentials (RFC 5849, section 2.1). */
  protected credentials(values: Readonly<Record<string, string>>): HttpResponse {
    return new HttpResponse(new URLSearchParams(values).toString(), {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  }
}
