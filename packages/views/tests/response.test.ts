import { Readable } from 'node:stream';
import { NotFound } from '@rf/exceptions';
import {
  APIView,
  HttpResponse,
  HttpResponseRedirect,
  JSONRenderer,
  rendererClasses,
  type Request,
  Response,
  StaticHTMLRenderer,
} from '@rf/views';
import { describe, expect, it } from 'vitest';
import { TestSite } from './test-site.ts';

/** Answers with what `make` returns. */
function answering(make: (request: Request) => unknown, method = 'GET') {
  class Look extends APIView {
    override get(request: Request) {
      return make(request);
    }
  }
  return new TestSite(Look).send({ method });
}

describe('Response (RS01)', () => {
  it('has data, status, headers and the phrase of its status', () => {
    const response = new Response({ a: 1 }, { status: 201, headers: { 'X-Shop': 'a', Age: 3 } });
    expect([response.data, response.status, response.statusText]).toEqual([{ a: 1 }, 201, 'Created']);
    expect([...response.headers]).toEqual([
      ['x-shop', 'a'],
      ['age', '3'],
    ]);
  });

  it('is rendered with what was negotiated', async () => {
    const { response } = await answering(() => new Response({ a: 1 }));
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.content).toBe('{"a":1}');
    expect((response as Response).acceptedRenderer).toBeInstanceOf(JSONRenderer);
    expect((response as Response).rendererContext?.params).toEqual({});
  });

  it('takes another content type (RS01)', async () => {
    const answer = await answering(() => new Response({ ok: true }, { contentType: 'application/problem+json' }));
    expect(answer.header('content-type')).toBe('application/problem+json');
    expect(answer.text).toBe('{"ok":true}');
  });

  it.each([
    ['no data and 204', () => new Response(undefined, { status: 204 }), 204],
    ['null', () => new Response(null), 200],
    ['data and 204', () => new Response({ a: 1 }, { status: 204 }), 204],
    ['data and 205', () => new Response({ a: 1 }, { status: 205 }), 205],
    ['data and 304', () => new Response({ a: 1 }, { status: 304 }), 304],
  ])('with %s has neither body nor Content-Type (RS02)', async (_what, make, status) => {
    const answer = await answering(make);
    expect([answer.status, answer.text, answer.header('content-type')]).toEqual([status, '', undefined]);
  });

  it.each([[100], [101], [199], [600], [0], [-1], [200.5], [NaN], ['201']])(
    'with the status %j is an error where it is made',
    (status) => {
      const make = () => new Response({ a: 1 }, { status: status as number });
      expect(make).toThrow(RangeError);
      expect(make).toThrow(/^new Response\(\) was given the status .+ from 200 to 599/);
    },
  );

  it.each([[''], [0], [false], [[]], [{}]])('with %j has a body', async (data) => {
    expect((await answering(() => new Response(data))).text).toBe(JSON.stringify(data));
  });

  it('refuses a serializer in place of its data, and a promise (RS03)', () => {
    class BookSerializer {
      isValid() {
        return true;
      }
    }
    expect(() => new Response(new BookSerializer())).toThrow(
      /was given a BookSerializer itself; write `new Response\(serializer\.data\)`/,
    );
    expect(() => new Response(Promise.resolve(1))).toThrow(/new Response\(await …\)/);
  });

  it('refuses to be rendered before the view has finished it', () => {
    expect(() => new Response({}).render()).toThrow(/has no renderer yet/);
  });
});

describe('what a handler returns', () => {
  it('is answered with 200 when it is plain data', async () => {
    const answer = await answering(() => [1, 2]);
    expect([answer.status, answer.json]).toEqual([200, [1, 2]]);
  });

  it('may be a promise', async () => {
    expect((await answering(async () => ({ a: 1 }))).json).toEqual({ a: 1 });
  });

  it('may not be nothing: that is 500, and the log names view, method and line to write (RS03)', async () => {
    class Forgetful extends APIView {
      override get() {}
    }
    const site = new TestSite(Forgetful);
    expect((await site.get()).status).toBe(500);
    expect(JSON.stringify(site.log)).toMatch(
      /Forgetful\.get\(\) returned nothing.*new Response\(undefined, \{ status: 204 \}\)/,
    );
  });

  it('may be null, which is an empty body', async () => {
    expect((await answering(() => null)).text).toBe('');
  });
});

describe('headers (RS04)', () => {
  it('tell the methods of the view', async () => {
    expect((await answering(() => ({}))).header('allow')).toBe('GET, HEAD, OPTIONS');
  });

  it('vary by Accept only with more than one renderer', async () => {
    @rendererClasses(JSONRenderer, StaticHTMLRenderer)
    class Two extends APIView {
      override get() {
        return new Response('x', { headers: { vary: 'Origin' } });
      }
    }
    expect((await new TestSite(Two).get()).header('vary')).toBe('Origin, Accept');
    expect((await answering(() => ({}))).header('vary')).toBeUndefined();
  });

  it('do not name one thing twice in Vary', () => {
    const { headers } = new Response();
    headers.vary('Accept');
    headers.vary('accept');
    headers.vary('Cookie');
    expect(headers.get('Vary')).toBe('Accept, Cookie');
    headers.set('vary', '*');
    headers.vary('Accept');
    expect(headers.get('vary')).toBe('*');
  });

  it('can be read, set, added to and deleted by any case of their names', () => {
    const { headers } = new Response(undefined, { headers: { 'X-A': '1' } });
    headers.append('x-a', '2');
    headers.append('Link', '<a>');
    expect([headers.get('X-a'), headers.has('LINK'), headers.has('x-b')]).toEqual(['1, 2', true, false]);
    expect([headers.delete('x-A'), headers.delete('x-A')]).toEqual([true, false]);
    const shown: string[] = [];
    headers.forEach((value, name) => shown.push(`${name}: ${value}`));
    expect(shown).toEqual(['link: <a>']);
  });
});

describe('cookies (RS04)', () => {
  it('are set with all attributes', () => {
    const response = new Response();
    response.setCookie('a', '1', {
      maxAge: 60,
      secure: true,
      httpOnly: true,
      sameSite: 'Lax',
      path: '/api',
      domain: 'example.com',
    });
    response.setCookie('b', 'x', { expires: new Date(0) });
    expect(response.cookies).toEqual([
      'a=1; Max-Age=60; Domain=example.com; Path=/api; Secure; HttpOnly; SameSite=Lax',
      'b=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/',
    ]);
  });

  it('are deleted by expiring them', () => {
    const response = new HttpResponse();
    response.setCookie('a', '1');
    response.deleteCookie('a', { path: '/api' });
    expect(response.cookies).toEqual(['a=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/api']);
  });

  it.each([
    ['a b', '1'],
    ['a', 'x;y'],
    ['a', 'x\r\nSet-Cookie: b'],
    ['', '1'],
    ['a', 'é'],
  ])('refuse the name %j with the value %j', (name, value) => {
    expect(() => new Response().setCookie(name, value)).toThrow(TypeError);
  });
});

describe('HttpResponse (RS06)', () => {
  it("is sent as it is, with the view's headers", async () => {
    const answer = await answering(() => new HttpResponse('<p>', { status: 202 }));
    expect([answer.status, answer.text, answer.header('content-type'), answer.header('allow')]).toEqual([
      202,
      '<p>',
      'text/html; charset=utf-8',
      'GET, HEAD, OPTIONS',
    ]);
  });

  it('redirects', async () => {
    const answer = await answering(() => new HttpResponseRedirect('/é/?q=a b', 303));
    expect([answer.status, answer.header('location')]).toEqual([303, '/%C3%A9/?q=a%20b']);
    expect(new HttpResponseRedirect('/x').status).toBe(302);
  });
});

describe('a streamed HttpResponse (W39)', () => {
  const read = async (stream: unknown) => {
    let text = '';
    for await (const piece of stream as AsyncIterable<unknown>) text += String(piece);
    return text;
  };

  it('is made of an async generator', async () => {
    async function* lines() {
      yield '{"a":1}\n';
      yield Buffer.from('{"a":2}\n');
      yield '';
    }
    const { response } = await answering(() => new HttpResponse(lines(), { contentType: 'application/x-ndjson' }));
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(await read(response.content)).toBe('{"a":1}\n{"a":2}\n');
  });

  it('answers an error before its first piece as any error', async () => {
    const missing = (): AsyncIterable<string> => ({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new NotFound('No such list.')) }),
    });
    const answer = await answering(() => new HttpResponse(missing(), { contentType: 'text/csv' }));
    expect([answer.status, answer.json, answer.header('content-type')]).toEqual([
      404,
      { detail: 'No such list.' },
      'application/json',
    ]);
  });

  it('ends its source when the client leaves', async () => {
    let isEnded = false;
    async function* endless() {
      try {
        for (;;) yield 'x';
      } finally {
        isEnded = true;
      }
    }
    const { response } = await answering(() => new HttpResponse(endless()));
    const stream = response.content as Readable;
    for await (const piece of stream) {
      expect(piece).toBe('x');
      break;
    }
    expect(isEnded).toBe(true);
  });

  it('names what is neither text nor bytes', async () => {
    async function* numbers() {
      yield 1 as unknown as string;
    }
    const { response } = await answering(() => new HttpResponse(numbers()));
    await expect(read(response.content)).rejects.toThrow('a streamed response yielded number; it yields text or bytes');
  });

  it('may be a stream of Node', async () => {
    const source = Readable.from(['a', 'b']);
    const { response } = await answering(() => new HttpResponse(source));
    expect(response.content).toBe(source);
  });

  it('is not begun for HEAD', async () => {
    let isBegun = false;
    async function* pieces() {
      isBegun = true;
      yield 'x';
    }
    const source = Readable.from(['a']);
    expect((await answering(() => new HttpResponse(pieces()), 'HEAD')).response.content).toBe(null);
    expect((await answering(() => new HttpResponse(source), 'HEAD')).response.content).toBe(null);
    expect([isBegun, source.destroyed]).toEqual([false, true]);
  });
});

describe('response listeners', () => {
  it('see the finished answer, errors included, before it is rendered', async () => {
    class Listens extends APIView {
      override initial(request: Request) {
        request.onResponse(async (response) => {
          response.headers.set('x-status', String(response.status));
          if (response instanceof Response) response.data = { wrapped: response.data };
        });
        return super.initial(request);
      }
      override get({ target }: Request) {
        if (target.endsWith('?fail')) throw new NotFound();
        return { a: 1 };
      }
    }
    const site = new TestSite(Listens);
    const good = await site.get();
    expect([good.header('x-status'), good.json]).toEqual(['200', { wrapped: { a: 1 } }]);
    const bad = await site.get('/?fail');
    expect([bad.header('x-status'), bad.json]).toEqual(['404', { wrapped: { detail: 'Not found.' } }]);
  });

  it('that fail make the answer an error, which they cannot fail again', async () => {
    let calls = 0;
    class Listens extends APIView {
      override get(request: Request) {
        request.onResponse(() => {
          calls += 1;
          throw new NotFound('No session.');
        });
        return {};
      }
    }
    const site = new TestSite(Listens);
    const answer = await site.get();
    expect([answer.status, answer.json, calls]).toEqual([404, { detail: 'No session.' }, 2]);
    expect(site.log.map((line) => line.message)).toEqual(['a response listener failed']);
  });
});
