import {
  APIView,
  authenticationClasses,
  contentNegotiationClass,
  FirstRendererNegotiation,
  FormParser,
  type HttpResponse,
  JSONRenderer,
  metadataClass,
  parserClasses,
  permissionClasses,
  rendererClasses,
  type Request,
  throttleClasses,
  versioningClass,
} from '@rf/views';

/**
 * An endpoint of an authorization protocol, to which clients, not people, speak: a form in, JSON out unless the handler says
 * otherwise, nothing cached. Who the client is, the handler finds out itself.
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

  override finalizeResponse(request: Request, answer: unknown): ReturnType<APIView['finalizeResponse']> {
    request.onResponse((response) => this.addHeaders(response));
    return super.finalizeResponse(request, answer);
  }

  /** No cache may keep what has secrets in it (RFC 6749, section 5.1). */
  protected addHeaders({ headers }: HttpResponse): void {
    headers.set('cache-control', 'no-store');
    headers.set('pragma', 'no-cache');
  }
}
