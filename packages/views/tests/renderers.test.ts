import { NotFound, ValidationError } from '@rf/exceptions';
import {
  APIView,
  BaseRenderer,
  encodeJson,
  JSONRenderer,
  MultiValueDict,
  type RendererClass,
  type RendererContext,
  rendererClasses,
  type Request,
  Response,
  type Settings,
  StaticHTMLRenderer,
  TemplateHTMLRenderer,
} from '@rf/views';
import { describe, expect, it } from 'vitest';
import { TestSite } from './test-site.ts';

function siteWith(
  renderer: RendererClass,
  make: (request: Request) => unknown,
  settings: Partial<Settings> = {},
): TestSite {
  class Look extends APIView {
    override get(request: Request) {
      return make(request);
    }
  }
  rendererClasses(renderer)(Look);
  return new TestSite(Look, settings);
}

const json = async (data: unknown, accept = 'application/json', settings: Partial<Settings> = {}) =>
  (await siteWith(JSONRenderer, () => new Response(data), settings).get('/', { accept })).text;

describe('JSONRenderer (RN01)', () => {
  const document = {
    title: 'Tea & <Cake>',
    unicode: 'Zoë — 書店 📚',
    separators: 'a\u2028b\u2029c',
    escapes: 'quote " backslash \\ slash / tab \t newline \n bell \u0007',
    list: [1, 2.5, true, false, null, []],
    object: { empty: {}, nested: { deep: [{ x: 1 }] } },
  };

  it('is compact UTF-8 that escapes what JavaScript cannot bear', async () => {
    expect(await json(document)).toBe(
      '{"title":"Tea & <Cake>","unicode":"Zoë — 書店 📚","separators":"a\\u2028b\\u2029c",' +
        '"escapes":"quote \\" backslash \\\\ slash / tab \\t newline \\n bell \\u0007",' +
        '"list":[1,2.5,true,false,null,[]],"object":{"empty":{},"nested":{"deep":[{"x":1}]}}}',
    );
  });

  it.each([
    ['4', 4],
    ['1', 1],
    ['8', 8],
    ['100', 8],
    [' 2 ', 2],
    ['+3', 3],
    ['0', 0],
    ['-3', 0],
    ['no', 0],
    ['1.5', 0],
    ['', 0],
  ])('indents by indent=%s as %i', async (indent, spaces) => {
    expect(await json({ a: [1, {}] }, `application/json; indent=${indent}`)).toBe(
      JSON.stringify({ a: [1, {}] }, null, spaces),
    );
  });

  it('takes indent from a wildcard', async () => {
    expect(await json({ a: 1 }, '*/*; indent=2')).toBe('{\n  "a": 1\n}');
    expect(await json({ a: 1 }, 'application/*; indent=2')).toBe('{\n  "a": 1\n}');
  });

  it('follows the settings compactJson and unicodeJson (SG04)', async () => {
    expect(await json({ a: [1, 'é', { b: null }] }, '*/*', { compactJson: false })).toBe(
      '{"a": [1, "é", {"b": null}]}',
    );
    expect(await json({ a: 'é📚' }, '*/*', { unicodeJson: false })).toBe('{"a":"\\u00e9\\ud83d\\udcda"}');
  });

  it('sends no charset', async () => {
    expect((await siteWith(JSONRenderer, () => ({})).get()).header('content-type')).toBe('application/json');
  });
});

describe('encodeJson (RN02)', () => {
  const options = { indent: null, compact: true, unicode: true, strict: true };
  const encode = (data: unknown) => encodeJson(data, options);

  it.each([
    ['a moment', new Date('2024-05-06T07:08:09Z'), '"2024-05-06T07:08:09Z"'],
    ['a moment with milliseconds', new Date('2024-05-06T07:08:09.120Z'), '"2024-05-06T07:08:09.120000Z"'],
    ['a bigint', 12345678901234567890n, '12345678901234567890'],
    ['a small bigint', -5n, '-5'],
    ['a zero', -0, '0'],
    ['bytes', Buffer.from('é'), '"é"'],
    [
      'a Map',
      new Map<unknown, unknown>([
        ['a', 1n],
        [true, 'b'],
      ]),
      '{"a":1,"true":"b"}',
    ],
    ['a Set', new Set([1, undefined]), '[1,null]'],
    ['anything iterable', Object.create({ [Symbol.iterator]: () => [1, 2].values() }), '[1,2]'],
    ['an object with toJSON', { toJSON: () => ({ a: new Date(0) }) }, '{"a":"1970-01-01T00:00:00Z"}'],
    [
      'an object of a class',
      new (class Point {
        x = 1;
        y = undefined;
      })(),
      '{"x":1}',
    ],
    ['undefined in objects and lists', { a: undefined, b: [undefined, 1] }, '{"b":[null,1]}'],
    [
      'a form',
      new MultiValueDict([
        ['a', '1'],
        ['a', '2'],
      ]),
      '{"a":["1","2"]}',
    ],
    ['an object without prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ['a key __proto__', JSON.parse('{"__proto__":{"a":1}}'), '{"__proto__":{"a":1}}'],
  ])('writes %s', (_what, data, text) => {
    expect(encode(data)).toBe(text);
    expect(encode({ in: [data] })).toBe(`{"in":[${text}]}`);
  });

  it('writes data that looks like a marked number as the text it is', () => {
    const text = encode([1n, 'bigint:AAAA:5', '"bigint:5"', '\udbffbigint:7']);
    expect(JSON.parse(text)).toEqual([1, 'bigint:AAAA:5', '"bigint:5"', '\udbffbigint:7']);
  });

  it.each([
    ['NaN', { a: [Number.NaN] }, 'Out of range float values are not JSON compliant: NaN at /a/0'],
    ['Infinity', -Infinity, 'Out of range float values are not JSON compliant: -Infinity at /'],
    ['a function', { a: () => 1 }, 'a function cannot be written as JSON, at /a'],
    ['a symbol', [Symbol('x')], 'a symbol cannot be written as JSON, at /0'],
    ['an invalid moment', new Date('x'), 'an invalid Date cannot be written as JSON'],
  ])('refuses %s, naming the place', (_what, data, message) => {
    expect(() => encode(data)).toThrow(message);
  });

  it('writes null for them where strictJson is off', () => {
    expect(encodeJson({ a: [Number.NaN, Infinity] }, { ...options, strict: false })).toBe('{"a":[null,null]}');
  });

  it('refuses data that contains itself, and takes data that is used twice', () => {
    const shared = { x: 1 };
    expect(encode([shared, shared])).toBe('[{"x":1},{"x":1}]');
    const loop: Record<string, unknown> = { a: {} };
    (loop.a as Record<string, unknown>).b = loop;
    expect(() => encode(loop)).toThrow('the data contains itself, at /a/b');
  });

  it('writes deep data', () => {
    let data: unknown = 1;
    for (let depth = 0; depth < 200; depth += 1) data = [data];
    expect(encode(data)).toBe(`${'['.repeat(200)}1${']'.repeat(200)}`);
  });
});

describe('StaticHTMLRenderer (RN04)', () => {
  it('sends a text as it is', async () => {
    const answer = await siteWith(StaticHTMLRenderer, () => '<h1>Grüße</h1>').get();
    expect([answer.text, answer.header('content-type')]).toEqual(['<h1>Grüße</h1>', 'text/html; charset=utf-8']);
  });

  it('has a media type where the page is empty, and none where there is no page', async () => {
    const page = (data: unknown) => siteWith(StaticHTMLRenderer, () => new Response(data)).get();
    expect((await page('')).header('content-type')).toBe('text/html; charset=utf-8');
    const none = await page(null);
    expect([none.text, none.header('content-type')]).toEqual(['', undefined]);
  });

  it('answers OPTIONS with the names of what there is to tell', async () => {
    const site = siteWith(StaticHTMLRenderer, () => '');
    expect((await site.send({ method: 'OPTIONS' })).text).toBe('namedescriptionrendersparses');
    expect((await siteWith(StaticHTMLRenderer, () => ['<a>', '<b>']).get()).text).toBe('<a><b>');
  });

  it.each([
    [new NotFound(), '404 Not Found'],
    [new ValidationError({ a: ['b'] }), '400 Bad Request'],
  ])('sends an error as its status', async (error, text) => {
    const answer = await siteWith(StaticHTMLRenderer, () => {
      throw error;
    }).get();
    expect(answer.text).toBe(text);
  });
});

describe('TemplateHTMLRenderer (RN03)', () => {
  const engine = (templates: Record<string, string>) => ({
    has: (name: string) => name in templates,
    render: (name: string, context: object) => `${templates[name]} ${JSON.stringify(context)}`,
  });
  const page = (make: () => unknown, templates: Record<string, string>) =>
    siteWith(TemplateHTMLRenderer, make, { templates: engine(templates) }).get();

  it('renders the template of the response with the data', async () => {
    const answer = await page(() => new Response({ a: 1 }, { templateName: 'book.html' }), { 'book.html': 'Book' });
    expect([answer.text, answer.header('content-type')]).toEqual(['Book {"a":1}', 'text/html; charset=utf-8']);
  });

  it('gives a list under details', async () => {
    const answer = await page(() => new Response([1, 2], { templateName: 'list.html' }), { 'list.html': 'List' });
    expect(answer.text).toBe('List {"details":[1,2],"statusCode":200}');
  });

  it('takes the template from the renderer or the view', async () => {
    class Own extends TemplateHTMLRenderer {
      override readonly templateName = 'own.html';
    }
    const settings = { templates: engine({ 'own.html': 'Own', 'second.html': 'Second' }) };
    expect((await siteWith(Own, () => ({ a: 1 }), settings).get()).text).toBe('Own {"a":1}');

    class Named extends APIView {
      templateName = 'own.html';
      override get() {
        return {};
      }
    }
    rendererClasses(TemplateHTMLRenderer)(Named);
    expect((await new TestSite(Named, settings).get()).text).toBe('Own {}');

    class Several extends Named {
      getTemplateNames() {
        return ['first.html', 'second.html'];
      }
    }
    expect((await new TestSite(Several, settings).get()).text).toBe('Second {}');
  });

  it('renders errors with the template of the status, a general one, or none', async () => {
    const fail = () => {
      throw new NotFound();
    };
    expect((await page(fail, { '404.html': 'Missing', 'api_exception.html': 'Any' })).text).toBe(
      'Missing {"detail":"Not found.","statusCode":404}',
    );
    expect((await page(fail, { 'api_exception.html': 'Any' })).text).toBe(
      'Any {"detail":"Not found.","statusCode":404}',
    );
    const bare = await page(fail, {});
    expect([bare.status, bare.text]).toEqual([404, '404 Not Found']);
  });

  it.each([
    ['no template is named', { 'a.html': '' }, () => ({}), /Look answers with a template and names none/],
    [
      'the template does not exist',
      {},
      () => new Response({}, { templateName: 'b.html' }),
      /asks for the template b\.html: not found/,
    ],
  ])('explains in the log that %s', async (_what, templates, make, message) => {
    const site = siteWith(TemplateHTMLRenderer, make, { templates: engine(templates) });
    expect((await site.get()).status).toBe(500);
    expect(JSON.stringify(site.log)).toMatch(message);
  });

  it('explains in the log that the project has no templates', async () => {
    const site = siteWith(TemplateHTMLRenderer, () => ({}));
    await site.get();
    expect(JSON.stringify(site.log)).toMatch(/has no template engine: write settings: \{ templates: … \}/);
  });
});

describe("a renderer of one's own (RN10)", () => {
  class Csv extends BaseRenderer {
    readonly mediaType = 'text/csv';
    readonly format: string = 'csv';
    override render(
      data: unknown,
      acceptedMediaType: string,
      { view, request, params, response }: RendererContext,
    ): string {
      return [
        data,
        acceptedMediaType,
        view.constructor.name,
        request.method,
        Object.keys(params).length,
        response.status,
      ].join();
    }
  }
  class Latin extends Csv {
    override readonly charset: string = 'iso-8859-1';
  }
  class Bytes extends BaseRenderer {
    readonly mediaType = 'application/x-bytes';
    readonly format = 'bin';
    override readonly charset = null;
    override render(data: unknown): Uint8Array {
      return data === null ? new Uint8Array() : Buffer.from([0, 0x42, 0xff]);
    }
  }

  it('is given data, media type, view, request and response', async () => {
    const answer = await siteWith(Csv, () => new Response('é', { status: 202 })).get('/', { accept: 'text/csv;a=b' });
    expect([answer.text, answer.header('content-type')]).toEqual([
      'é,text/csv;a=b,Look,GET,0,202',
      'text/csv; charset=utf-8',
    ]);
  });

  it('has its text encoded in its charset', async () => {
    const { response } = await siteWith(Latin, () => 'é').get();
    expect(response.headers.get('content-type')).toBe('text/csv; charset=iso-8859-1');
    expect((response.content as Uint8Array)[0]).toBe(0xe9);
  });

  it('explains a charset that cannot be encoded', async () => {
    class Odd extends Csv {
      override readonly charset = 'shift_jis';
    }
    const site = siteWith(Odd, () => 'x');
    await site.get();
    expect(JSON.stringify(site.log)).toMatch(/shift_jis, which cannot be encoded; return bytes/);
  });

  it('may make bytes, with a bare media type', async () => {
    const answer = await siteWith(Bytes, () => ({})).get();
    expect([answer.text, answer.header('content-type')]).toEqual(['\u0000B\u00ff', 'application/x-bytes']);
    expect((await siteWith(Bytes, () => null).get()).header('content-type')).toBeUndefined();
  });

  it('may make an empty text, which has a media type, unlike no bytes', async () => {
    class Empty extends Csv {
      override render(): string {
        return '';
      }
    }
    const answer = await siteWith(Empty, () => ({})).get();
    expect([answer.text, answer.header('content-type')]).toEqual(['', 'text/csv; charset=utf-8']);
    const nothing = await siteWith(Empty, () => new Response(null, { status: 204 })).get();
    expect(nothing.header('content-type')).toBeUndefined();
  });

  it('can be told apart by the view (RN11)', async () => {
    const answer = await siteWith(Csv, ({ acceptedRenderer }) => acceptedRenderer?.format).get();
    expect(answer.text).toMatch(/^csv,/);
  });
});
