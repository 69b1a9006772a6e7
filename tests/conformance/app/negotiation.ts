import { SessionAuthentication } from '@rf/auth';
import { Http404, ParseError, PermissionDenied, Throttled, ValidationError } from '@rf/exceptions';
import { Decimal, Moment } from '@rf/serializers';
import {
  APIView,
  authenticationClasses,
  BaseContentNegotiation,
  type BaseParser,
  type BaseRenderer,
  contentNegotiationClass,
  formatSuffixPatterns,
  JSONRenderer,
  type Negotiated,
  path,
  type Params,
  rendererClasses,
  type Request,
  StaticHTMLRenderer,
  type UrlEntry,
} from '@rf/views';
import { withPolicies } from './authentication.ts';
import { BytesRenderer, Latin1Renderer, PlainTextRenderer, VendorRenderer } from './renderers.ts';

class Negotiation extends APIView {
  override description = 'Tells which renderer was chosen.';

  override get(request: Request): unknown {
    const chosen = request.acceptedRenderer?.format;
    if (chosen === 'html') return '<p>chosen: html</p>';
    return { chosen, mediaType: request.acceptedMediaType, suffix: this.params.format ?? null };
  }

  override post(): never {
    throw new ParseError('Nothing to post here.');
  }
}

class FirstAlways extends BaseContentNegotiation {
  override selectParser(_request: Request, parsers: readonly BaseParser[]): BaseParser | null {
    return parsers[0] ?? null;
  }

  override selectRenderer(_request: Request, renderers: readonly BaseRenderer[]): Negotiated {
    const renderer = renderers[0] as BaseRenderer;
    return { renderer, mediaType: renderer.mediaType };
  }
}

@rendererClasses(StaticHTMLRenderer)
class Html extends APIView {
  override get(_request: Request, { kind }: Params): unknown {
    if (kind === 'page') return '<h1>Grüße</h1>';
    if (kind === 'denied') throw new PermissionDenied();
    if (kind === 'invalid') throw new ValidationError({ a: ['b'] });
    if (kind === 'throttled') throw new Throttled(5);
    throw new Http404();
  }
}

class Document extends APIView {
  override get(): unknown {
    return {
      title: 'Tea & <Cake>',
      unicode: 'Zoë — 書店 📚',
      separators: 'a\u2028b\u2029c',
      escapes: 'quote " backslash \\ slash / tab \t newline \n bell \u0007',
      list: [1, 2.5, true, false, null, []],
      object: { empty: {}, nested: { deep: [{ x: 1 }] } },
    };
  }
}

class NativeValues extends APIView {
  override get(): unknown {
    return {
      datetimeUtc: new Date('2024-05-06T07:08:09Z'),
      datetimeMicros: Moment.read('2024-05-06T07:08:09.123456Z'),
      datetimeMillis: new Date('2024-05-06T07:08:09.120Z'),
      datetimeOffset: Moment.of(new Date('2024-05-06T05:08:09Z'), 'Europe/Berlin'),
      datetimeLocal: Moment.of(new Date('2024-05-06T07:08:09Z'), null),
      date: '2024-05-06',
      time: '07:08:09',
      timeMicros: '07:08:09.000005',
      decimal: Decimal.of('12.50'),
      uuid: '825d7aeb-05a9-45b5-a5b7-05df87923cda',
    };
  }
}

const MULTI = rendererClasses(JSONRenderer, PlainTextRenderer, StaticHTMLRenderer);
const Multi = withPolicies(Negotiation, MULTI);

export const negotiationUrls: UrlEntry[] = [
  path('/render/json/', withPolicies(Negotiation, rendererClasses(JSONRenderer))),
  path('/render/multi/', Multi),
  path('/render/multi-session/', withPolicies(Negotiation, MULTI, authenticationClasses(SessionAuthentication))),
  path('/render/text-first/', withPolicies(Negotiation, rendererClasses(PlainTextRenderer, JSONRenderer))),
  path('/render/vendor/', withPolicies(Negotiation, rendererClasses(VendorRenderer, JSONRenderer))),
  path('/render/latin1/', withPolicies(Negotiation, rendererClasses(Latin1Renderer))),
  path('/render/bytes/', withPolicies(Negotiation, rendererClasses(BytesRenderer))),
  path('/render/first-always/', withPolicies(Negotiation, MULTI, contentNegotiationClass(FirstAlways))),
  ...formatSuffixPatterns([path('/render/suffix', Multi)]),
  ...formatSuffixPatterns([path('/render/suffix-limited', Multi)], { allowed: ['json', 'txt'] }),
  path('/render/html/:kind/', Html),
  path('/render/document/', Document),
  path('/render/native-values/', NativeValues),
];
