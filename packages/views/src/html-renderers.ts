import { ImproperlyConfigured } from '@rf/exceptions';
import type { APIView } from './api-view.ts';
import { BaseRenderer, type RendererContext } from './renderers.ts';
import type { Response } from './response.ts';
import type { TemplateEngine } from './templates.ts';

/** A view that names the template of its answers. */
interface NamesTemplates {
  readonly templateName?: string;
  getTemplateNames?(): readonly string[];
}

/**
 * Renders data with a template of the setting `templates` (RN03).
 *
 * The template is the response's `templateName`, else the renderer's, else what the view's `getTemplateNames()` or `templateName`
 * says. Its context is the data; a list stands under `details`. Errors are rendered by `404.html` and the like, else by
 * `api_exception.html`, else as `404 Not Found`.
 *
 * Throws ImproperlyConfigured without a template or without the setting.
 */
export class TemplateHTMLRenderer extends BaseRenderer {
  readonly mediaType: string = 'text/html';
  readonly format: string = 'html';
  readonly templateName: string | null = null;
  /** Tried in order for errors; `{status}` is the status code. */
  readonly exceptionTemplateNames: readonly string[] = ['{status}.html', 'api_exception.html'];

  render(data: unknown, _acceptedMediaType: string, context: RendererContext): string | Uint8Array {
    const { response, view, request } = context;
    const engine = request.site.settings.templates;
    if (response.exception) return this.renderException(data, response, engine);
    if (engine === null) {
      throw new ImproperlyConfigured(
        `${this.constructor.name} has no template engine: write settings: { templates: … } in defineProject.`,
      );
    }
    const names = this.getTemplateNames(response, view);
    const name = names.find((candidate) => engine.has(candidate));
    if (name === undefined) {
      throw new ImproperlyConfigured(
        `${view.constructor.name} asks for the template ${names.join(' or ')}: not found.`,
      );
    }
    return engine.render(name, this.getTemplateContext(data, context));
  }

  /** What the template is given. */
  getTemplateContext(data: unknown, { response }: RendererContext): object {
    if (Array.isArray(data)) return { details: data, statusCode: response.status };
    const object = typeof data === 'object' && data !== null ? data : {};
    return response.exception ? { ...object, statusCode: response.status } : object;
  }

  /** Names to try, the first that exists is used. */
  getTemplateNames(response: Response, view: APIView): readonly string[] {
    const named = view as NamesTemplates;
    const own = response.templateName ?? this.templateName;
    if (own !== null) return [own];
    const names = named.getTemplateNames?.() ?? (named.templateName === undefined ? [] : [named.templateName]);
    if (names.length > 0) return names;
    throw new ImproperlyConfigured(
      `${view.constructor.name} answers with a template and names none: write new Response(data, { templateName: '…' }), or a field ` +
        'templateName in the view.',
    );
  }

  /** The page of an error. */
  protected renderException(data: unknown, response: Response, engine: TemplateEngine | null): string {
    const name = this.exceptionTemplateNames
      .map((template) => template.replace('{status}', String(response.status)))
      .find((candidate) => engine?.has(candidate));
    if (engine === null || name === undefined) return `${response.status} ${response.statusText}`.trim();
    return engine.render(name, this.getTemplateContext(data, response.rendererContext as RendererContext));
  }
}

/** A text that the view made itself, such as a page; errors are rendered as {@link TemplateHTMLRenderer} does (RN04). */
export class StaticHTMLRenderer extends TemplateHTMLRenderer {
  override render(
    data: unknown,
    _acceptedMediaType: string,
    { response, request }: RendererContext,
  ): string | Uint8Array {
    if (response.exception) return this.renderException(data, response, request.site.settings.templates);
    return data === null || data === undefined ? new Uint8Array() : plainText(data);
  }
}

/** Data that is no text, such as the answer to OPTIONS, has no page; as in the reference, its names stand one after another. */
function plainText(data: unknown): string {
  if (typeof data !== 'object') return String(data);
  return (Array.isArray(data) ? data : Object.keys(data as object)).join('');
}
