import {
  APIView,
  BaseContentNegotiation,
  type BaseParser,
  BaseRenderer,
  contentNegotiationClass,
  JSONRenderer,
  MediaType,
  type Params,
  path,
  rendererClasses,
  type Request,
  type Settings,
  StaticHTMLRenderer,
} from '@rf/views';
import { describe, expect, it } from 'vitest';
import { TestSite } from './test-site.ts';

class Text extends BaseRenderer {
  readonly mediaType = 'text/plain';
  readonly format = 'txt';
  override render(data: unknown): string {
    return JSON.stringify(data);
  }
}

@rendererClasses(JSONRenderer, Text, StaticHTMLRenderer)
class Multi extends APIView {
  override get({ acceptedRenderer, acceptedMediaType }: Request, { format }: Params) {
    if (acceptedRenderer?.format === 'html') return `html ${acceptedMediaType}`;
    return [acceptedRenderer?.format, acceptedMediaType, format ?? null];
  }
}

const chosen = async (accept: string | null, target = '/', settings: Partial<Settings> = {}) => {
  const site = new TestSite([path('/', Multi), path('/f/:format/', Multi)], settings);
  const answer = await site.get(target, accept === null ? {} : { accept });
  if (answer.status !== 200) return [answer.status, answer.json.detail];
  return answer.text.startsWith('html') ? answer.text.split(' ').slice(0, 2) : answer.json.slice(0, 2);
};

const NOT_ACCEPTABLE = [406, 'Could not satisfy the request Accept header.'];

describe('choosing a renderer (CN01, CN02, CN03)', () => {
  it.each([
    [null, ['json', 'application/json']],
    ['*/*', ['json', 'application/json']],
    ['', NOT_ACCEPTABLE],
    ['application/json', ['json', 'application/json']],
    ['text/plain', ['txt', 'text/plain']],
    ['text/html', ['html', 'text/html']],
    ['TEXT/PLAIN', ['txt', 'TEXT/PLAIN']],
    ['text/*', ['txt', 'text/plain']],
    ['text/*; a=b', ['txt', 'text/plain;a=b']],
    ['*/*; indent=2', ['json', 'application/json;indent=2']],
    ['  text/plain  ,application/x ', ['txt', 'text/plain']],
    // q is ignored
    ['application/json;q=0.1, text/html;q=0.9', ['json', 'application/json;q=0.1']],
    ['text/plain;q=0', ['txt', 'text/plain;q=0']],
    // Among equals the order of the renderers decides
    ['text/html, text/plain, application/json', ['json', 'application/json']],
    ['text/html, text/plain', ['txt', 'text/plain']],
    // The more specific kind of entry decides
    ['application/json, text/html; level=1', ['html', 'text/html;']],
    ['text/html, application/json; indent=2', ['json', 'application/json; indent=2']],
    ['*/*, text/html', ['html', 'text/html']],
    ['text/*, application/json', ['json', 'application/json']],
    // What has no value is no parameter
    ['text/plain;, application/json', ['json', 'application/json']],
    ['text/plain; level, application/json', ['json', 'application/json']],
    ['*/*;', ['json', 'application/json']],
    ['*/*;a', ['json', 'application/json']],
    // A parameter is echoed as it is read
    ["*/*;a*=utf-8''b%20c", ['json', 'application/json;a=b c']],
    ['*/*;a*=x', ['json', 'application/json;a=x']],
    ['*/*; A="b;\\"c"', ['json', 'application/json;a=b;"c']],
    ['*/*, text/*', ['txt', 'text/plain']],
    ['image/png', NOT_ACCEPTABLE],
    ['image/*', NOT_ACCEPTABLE],
    ['nonsense', NOT_ACCEPTABLE],
    ['application', NOT_ACCEPTABLE],
    ['application/', NOT_ACCEPTABLE],
    [';;;,,,', NOT_ACCEPTABLE],
  ])('of %s', async (accept, expected) => {
    expect(await chosen(accept)).toEqual(expected);
  });
});

describe('limits of Accept (CN05)', () => {
  const others = (count: number) => Array.from({ length: count }, (_, at) => `a/b${at}`);

  it('looks at 64 entries', async () => {
    expect(await chosen([...others(63), 'text/plain'].join(', '))).toEqual(['txt', 'text/plain']);
    expect(await chosen([...others(64), 'text/plain'].join(', '))).toEqual(NOT_ACCEPTABLE);
  });

  it('passes over entries of more than 256 characters', async () => {
    const long = (length: number) => `text/plain; a=${'x'.repeat(length - 14)}`;
    expect((await chosen(long(256)))[0]).toBe('txt');
    expect(await chosen(long(257))).toEqual(NOT_ACCEPTABLE);
    expect((await chosen(`${long(300)}, text/html`))[0]).toBe('html');
  });

  it('cuts at the last comma within 8192 characters', async () => {
    const filler = `a/${'b'.repeat(198)}`;
    const header = `${Array(40).fill(filler).join(',')},text/plain`;
    expect(header.length).toBeLessThanOrEqual(8192);
    expect((await chosen(header))[0]).toBe('txt');
    expect(await chosen(`${header},${'c/d'.padEnd(190, 'd')},text/html`)).toEqual(['txt', 'text/plain']);
  });
});

describe('the format in the URL (CN04)', () => {
  it.each([
    ['/?format=txt', null, ['txt', 'text/plain']],
    ['/?format=txt', '*/*', ['txt', 'text/plain']],
    ['/?format=txt', 'application/json', NOT_ACCEPTABLE],
    ['/?format=json', 'text/html, */*', ['json', 'application/json']],
    ['/?format=xml', null, [404, 'Not found.']],
    ['/?format=', null, ['json', 'application/json']],
    ['/f/txt/', null, ['txt', 'text/plain']],
    ['/f/txt/?format=json', null, ['txt', 'text/plain']],
    ['/f/xml/', null, [404, 'Not found.']],
  ])('%s with Accept %s', async (target, accept, expected) => {
    expect(await chosen(accept, target)).toEqual(expected);
  });

  it('can be renamed and switched off', async () => {
    expect(await chosen(null, '/?as=txt', { urlFormatOverride: 'as' })).toEqual(['txt', 'text/plain']);
    expect(await chosen(null, '/?format=txt', { urlFormatOverride: null })).toEqual(['json', 'application/json']);
  });
});

describe("a negotiation of one's own (CN06)", () => {
  class First extends BaseContentNegotiation {
    override selectParser(_request: Request, parsers: readonly BaseParser[]) {
      return parsers[0] ?? null;
    }
    override selectRenderer(_request: Request, renderers: readonly BaseRenderer[], formatSuffix: string | null) {
      const renderer = renderers[0] as BaseRenderer;
      return { renderer, mediaType: `${renderer.mediaType}; suffix=${formatSuffix}` };
    }
  }

  it('decides everything', async () => {
    @contentNegotiationClass(First)
    class Look extends Multi {
      override post({ data }: Request) {
        return data;
      }
    }
    const site = new TestSite(Look);
    expect((await site.get('/?format=txt', { accept: 'image/png' })).json).toEqual([
      'json',
      'application/json; suffix=null',
      null,
    ]);
    const answer = await site.send({ method: 'POST', headers: { 'content-type': 'text/odd' }, body: '{"a":1}' });
    expect(answer.json).toEqual({ a: 1 });
  });

  it('can be the default of the project', async () => {
    const site = new TestSite(Multi, { defaultContentNegotiationClass: First });
    expect((await site.get('/', { accept: 'image/png' })).status).toBe(200);
  });
});

describe('MediaType', () => {
  it.each([
    ['application/json', { fullType: 'application/json', mainType: 'application', subType: 'json' }, 2],
    ['*/*', { mainType: '*', subType: '*' }, 0],
    ['text/*; q=0.5', { subType: '*' }, 1],
    ['Text/HTML; Level=1', { fullType: 'text/html' }, 3],
    ['text/html; q=1', {}, 2],
    ['', { fullType: '', mainType: '', subType: '' }, 2],
  ])('reads %s', (text, members, precedence) => {
    const type = new MediaType(text);
    expect(type).toMatchObject(members);
    expect(type.precedence).toBe(precedence);
  });

  it('reads parameters, quoted ones too, and no words without a value', () => {
    const type = new MediaType('multipart/x; boundary="a;b=\\"c"; Charset=UTF-8; flag');
    expect([...type.params]).toEqual([
      ['boundary', 'a;b="c'],
      ['charset', 'UTF-8'],
    ]);
    expect(String(new MediaType('Text/Html;a=b'))).toBe('text/html; a=b');
  });

  it('matches types that it covers', () => {
    const matches = (range: string, type: string) => new MediaType(range).matches(new MediaType(type));
    expect(matches('text/*', 'text/html')).toBe(true);
    expect(matches('text/html', 'text/html; a=b')).toBe(true);
    expect(matches('text/html; a=b', 'text/html')).toBe(false);
    expect(matches('text/html; a=b', 'text/html; a=b; c=d')).toBe(true);
    expect(matches('text/html; q=0.5', 'text/html')).toBe(true);
    expect(matches('image/*', 'text/html')).toBe(false);
  });

  it('takes nothing from a text of more than 256 characters', () => {
    expect(new MediaType(`application/json; a=${'x'.repeat(250)}`).fullType).toBe('');
  });
});
