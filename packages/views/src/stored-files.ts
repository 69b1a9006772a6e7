import { Http404, ImproperlyConfigured } from '@rf/exceptions';
import { APIView, type Params } from './api-view.ts';
import { BaseContentNegotiation, type Negotiated } from './negotiation.ts';
import type { BaseParser } from './parsers.ts';
import { authenticationClasses, contentNegotiationClass, permissionClasses, rendererClasses } from './policies.ts';
import { AllowAny } from './permissions.ts';
import { type BaseRenderer, JSONRenderer } from './renderers.ts';
import type { Request } from './request.ts';
import { HttpResponse } from './response.ts';

/** What browsers show by themselves; anything else is offered for download, so that no upload can run as a page of this site. */
const SHOWN: Readonly<Record<string, string>> = {
  apng: 'image/apng',
  avif: 'image/avif',
  bmp: 'image/bmp',
  gif: 'image/gif',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  png: 'image/png',
  txt: 'text/plain; charset=utf-8',
  webp: 'image/webp',
};

/** A file is what it is, whatever the client accepts. */
class AsItIs extends BaseContentNegotiation {
  override selectParser(_request: Request, _parsers: readonly BaseParser[]): BaseParser | null {
    return null;
  }

  override selectRenderer(_request: Request, renderers: readonly BaseRenderer[]): Negotiated {
    const renderer = renderers[0] as BaseRenderer;
    return { renderer, mediaType: renderer.mediaType };
  }
}

/**
 * Serves what the project's storage has, to anybody: `path('/media/:name(.+)', StoredFiles)`.
 *
 * For development and small sites; elsewhere a server in front, or the storage itself, does it. Extend it with policies of your
 * own for files that are not for everybody.
 */
@authenticationClasses()
@permissionClasses(AllowAny)
@rendererClasses(JSONRenderer)
@contentNegotiationClass(AsItIs)
export class StoredFiles extends APIView {
  override checkSetup(): void {
    super.checkSetup();
    if (this.site.settings.storage === null) {
      throw new ImproperlyConfigured(
        `${this.constructor.name} serves the files of the project's storage, and there is none. Write ` +
          "`storage: new FileSystemStorage({ directory: './media' })` in the settings.",
      );
    }
  }

  override async get(request: Request, { name = '' }: Params): Promise<HttpResponse> {
    const file = await this.site.settings.storage?.open(name);
    if (file === undefined || file === null) throw new Http404();
    const modified = file.modified.toUTCString();
    const headers = { 'last-modified': modified, 'x-content-type-options': 'nosniff' };
    if (request.headers['if-modified-since'] === modified) return new HttpResponse(null, { status: 304, headers });
    const ending = /\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
    const shown = SHOWN[ending];
    return new HttpResponse(file.stream(), {
      contentType: shown ?? 'application/octet-stream',
      headers: {
        ...headers,
        'content-length': file.size,
        ...(shown === undefined ? { 'content-disposition': 'attachment' } : {}),
      },
    });
  }
}
