import { Readable } from 'node:stream';
import { AuthenticationFailed } from '@rf/exceptions';
import {
  APIView,
  authenticationClasses,
  BaseAuthentication,
  JSONParser,
  MultiValueDict,
  parserClasses,
  type Request,
  type Settings,
} from '@rf/views';
import { describe, expect, it } from 'vitest';
import { incoming, type Sent, someUser, TestSite } from './test-site.ts';

class Anything extends APIView {
  override get() {
    return {};
  }
  override post() {
    return {};
  }
}

const requestOf = (sent: Sent = {}, settings: Partial<Settings> = {}) => new TestSite(Anything, settings).request(sent);

/** Answers what `look` sees of the request. */
function seen(look: (request: Request) => unknown, sent: Sent, settings: Partial<Settings> = {}) {
  class Look extends APIView {
    override get(request: Request) {
      return look(request);
    }
    override post(request: Request) {
      return look(request);
    }
    override put(request: Request) {
      return look(request);
    }
    override delete(request: Request) {
      return look(request);
    }
  }
  return new TestSite(Look, settings).send(sent);
}

describe('request.data (RQ01)', () => {
  it.each(['GET', 'POST', 'PUT', 'DELETE'])('is the parsed body of %s', async (method) => {
    expect((await seen(({ data }) => data, { method, body: { a: [1] } })).json).toEqual({ a: [1] });
  });

  it('is an empty object without a body (RQ02)', async () => {
    expect((await seen(({ data }) => data, { method: 'POST' })).json).toEqual({});
  });

  it('is the same object each time', async () => {
    expect((await seen((request) => request.data === request.data, { method: 'POST', body: {} })).json).toBe(true);
  });

  it('throws what went wrong while parsing, once, and is empty after that (RQ03)', async () => {
    const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' };
    expect((await seen(({ data }) => data, sent)).json.detail).toMatch(/^JSON parse error/);
    const twice = await seen((request) => {
      expect(() => request.data).toThrow(/JSON parse error/);
      return request.data;
    }, sent);
    expect(twice.json).toEqual({});
  });

  it('throws nothing where nobody looks (RQ03)', async () => {
    const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' };
    expect((await seen(() => ({ looked: false }), sent)).json).toEqual({ looked: false });
  });

  it('names the missing line where it is read before it was parsed', () => {
    const request = requestOf({ method: 'POST', body: {} });
    expect(() => request.data).toThrow(/await request\.parse\(\)/);
  });

  it('can be parsed early, by a scheme that needs a form field', async () => {
    const request = requestOf({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'token=abc',
    });
    await request.parse();
    expect(request.post.get('token')).toBe('abc');
  });

  it('of a view without parsers refuses any body with 415 (RQ04)', async () => {
    @parserClasses()
    class None extends APIView {
      override post({ data }: Request) {
        return data;
      }
    }
    const site = new TestSite(None);
    const answer = await site.send({ method: 'POST', body: {} });
    expect(answer.status).toBe(415);
    expect(answer.json).toEqual({ detail: 'Unsupported media type "application/json" in request.' });
    expect((await site.send({ method: 'POST' })).json).toEqual({});
  });
});

describe('request.post and request.files (RQ06)', () => {
  it('post has form fields only', async () => {
    const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=1&a=2' };
    expect((await seen(({ post }) => post, { method: 'POST', ...form })).json).toEqual({ a: ['1', '2'] });
    expect((await seen(({ post }) => post, { method: 'POST', body: { a: 1 } })).json).toEqual({});
  });

  it('files is empty for a body without any', async () => {
    expect((await seen(({ files }) => [...files.keys()], { method: 'POST', body: {} })).json).toEqual([]);
  });
});

describe('the size of bodies (RQ08)', () => {
  const limits = { dataUploadMaxMemorySize: 10 };
  const look = ({ data }: Request) => data;

  it('is refused from the Content-Length, before anything is read', async () => {
    const stream = new Readable({
      read() {
        throw new Error('nobody may read this');
      },
    });
    class Look extends APIView {
      override post(request: Request) {
        return request.data;
      }
    }
    const site = new TestSite(Look, limits);
    const http = { ...incoming({ method: 'POST', body: { a: 'long enough' } }), stream };
    const response = await site.view().handle(http, {});
    expect(response.status).toBe(413);
    expect(response.content).toBe('{"detail":"The request body is too large."}');
  });

  it('is counted while reading where the length is unknown', async () => {
    const pieces = [Buffer.from('"12345'), Buffer.from('67890"')];
    const headers = { 'content-type': 'application/json' };
    expect((await seen(look, { method: 'POST', headers, body: pieces }, limits)).status).toBe(413);
    expect((await seen(look, { method: 'POST', headers, body: pieces }, { dataUploadMaxMemorySize: 12 })).json).toBe(
      '1234567890',
    );
  });

  it('does not destroy the connection, on which the answer still has to go out', async () => {
    const stream = new Readable({ read() {} });
    stream.push(Buffer.alloc(20));
    const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    const http = { ...incoming({ method: 'POST', headers }), stream };
    const { request } = new TestSite(Anything, limits).view().prepare(http, {});
    await expect(request.rawBody()).rejects.toThrow('too large');
    expect([stream.destroyed, stream.isPaused()]).toEqual([false, true]);
  });

  it('allows uploads more', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const body = '--x\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n1234567890\r\n--x--';
    expect((await seen(({ files }) => files.get('a')?.size, { method: 'POST', headers, body }, limits)).json).toBe(10);
  });
});

describe('request.rawBody()', () => {
  it('gives the bytes as sent, which are then parsed all the same', async () => {
    class Signed extends BaseAuthentication {
      override async authenticate(request: Request) {
        return { user: someUser(), auth: (await request.rawBody()).toString() };
      }
    }
    @authenticationClasses(Signed)
    class Look extends APIView {
      override post(request: Request) {
        return [request.auth, request.data];
      }
    }
    const answer = await new TestSite(Look).send({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{ "a": 1 }',
    });
    expect(answer.json).toEqual(['{ "a": 1 }', { a: 1 }]);
  });

  it('is a ParseError when the client leaves in the middle', async () => {
    const stream = new Readable({ read() {} });
    const http = { ...incoming({ method: 'POST', body: {} }), stream };
    const { request } = new TestSite(Anything).view().prepare(http, {});
    const reading = request.rawBody();
    stream.push('{');
    stream.destroy();
    await expect(reading).rejects.toThrow('The request body ended too early.');
  });

  it('explains itself when somebody else read the body', async () => {
    const http = incoming({ method: 'POST', body: {} });
    http.stream.resume();
    await new Promise((resolve) => http.stream.once('end', resolve));
    const { request } = new TestSite(Anything).view().prepare(http, {});
    await expect(request.rawBody()).rejects.toThrow(/was read already/);
  });
});

describe('a view that takes the stream itself', () => {
  it('finds the body unread', async () => {
    class Stream extends APIView {
      override get parsesBody() {
        return false;
      }
      override async post(request: Request) {
        let text = '';
        for await (const piece of request.stream) text += piece;
        return { text };
      }
    }
    const answer = await new TestSite(Stream).send({
      method: 'POST',
      headers: { 'content-type': 'x/y' },
      body: 'as it is',
    });
    expect(answer.json).toEqual({ text: 'as it is' });
  });
});

describe('request.queryParams (RQ05)', () => {
  it.each([
    ['/?a=1&b=2&a=3&c=', { a: ['1', '3'], b: ['2'], c: [''] }],
    ['/?q=caf%C3%A9&q=a+b&empty=&flag&q=%26', { q: ['café', 'a b', '&'], empty: [''], flag: [''] }],
    ['/', {}],
    ['/?', {}],
    [Buffer.from('/?q=é').toString('latin1'), { q: ['é'] }],
    ['/?__proto__=1', Object.fromEntries([['__proto__', ['1']]])],
    ['/?a=%zz', { a: ['%zz'] }],
  ])('of %s', (target, expected) => {
    expect(requestOf({ path: target }).queryParams.toJSON()).toEqual(expected);
  });

  it('gives the last value of a name', () => {
    expect(requestOf({ path: '/?a=1&a=2' }).queryParams.get('a')).toBe('2');
  });
});

describe('other attributes (RQ06)', () => {
  it('show what was sent', () => {
    const request = requestOf({
      method: 'POST',
      path: '/?a=%20',
      headers: { 'Content-Type': 'text/x; a=b', cookie: 'a=1; b="2"; a=3' },
    });
    expect(request.method).toBe('POST');
    expect(request.target).toBe('/?a=%20');
    expect(request.path).toBe('/');
    expect(request.queryString).toBe('a=%20');
    expect(request.contentType).toBe('text/x; a=b');
    expect({ ...request.cookies }).toEqual({ a: '3', b: '2' });
    expect(request.parsers[0]).toBeInstanceOf(JSONParser);
    expect(request.authenticators).toEqual([]);
    expect(request.raw).toBe(null);
    expect(request.version).toBe(null);
  });

  it('have room for the state of policies', () => {
    const request = requestOf();
    request.state.set('key', 1);
    expect(request.state.get('key')).toBe(1);
    expect(requestOf().state.has('key')).toBe(false);
  });
});

describe('where a request came to', () => {
  const forwarded = {
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'api.example.com',
    'x-forwarded-for': '1.1.1.1, 2.2.2.2',
  };

  it('is what the connection says, unless proxies are trusted', () => {
    const request = requestOf({ headers: forwarded, remoteAddress: '9.9.9.9' });
    expect([request.scheme, request.host, request.remoteAddress, request.isSecure]).toEqual([
      'http',
      'testserver',
      '9.9.9.9',
      false,
    ]);
  });

  it('is what a trusted proxy says', () => {
    const request = requestOf({ headers: forwarded, remoteAddress: '9.9.9.9' }, { trustedProxies: 1 });
    expect([request.scheme, request.host, request.remoteAddress, request.isSecure]).toEqual([
      'https',
      'api.example.com',
      '2.2.2.2',
      true,
    ]);
    expect(requestOf({ headers: forwarded }, { trustedProxies: 2 }).remoteAddress).toBe('1.1.1.1');
  });

  it('takes no scheme but http and https', () => {
    expect(requestOf({ headers: { 'x-forwarded-proto': 'gopher' } }, { trustedProxies: 1 }).scheme).toBe('http');
  });

  it.each([
    ['/books/?page=2', 'http://testserver/books/?page=2'],
    ['https://other/x', 'https://other/x'],
    ['sub/', 'http://testserver/here/sub/'],
    ['?page=2', 'http://testserver/here/?page=2'],
    [undefined, 'http://testserver/here/?a=1'],
  ])('makes %s the URL %s', (location, expected) => {
    const { request } = new TestSite(Anything).view().prepare(incoming({ path: '/here/?a=1' }), {});
    expect(request.buildAbsoluteUri(location)).toBe(expected);
  });
});

describe('allowedHosts', () => {
  const status = async (host: string, allowedHosts: string[] | null) =>
    (await new TestSite(Anything, { allowedHosts }).get('/', { host })).status;

  it.each([
    ['api.example.com', ['api.example.com'], 200],
    ['API.example.com:8000', ['api.example.com'], 200],
    ['api.example.com.', ['api.example.com'], 200],
    ['evil.com', ['api.example.com'], 400],
    ['example.com', ['.example.com'], 200],
    ['a.b.example.com', ['.example.com'], 200],
    ['badexample.com', ['.example.com'], 400],
    ['anything', ['*'], 200],
    ['[::1]:80', ['[::1]'], 200],
    ['anything', [], 400],
    ['anything', null, 200],
  ])('%s with %j is %i', async (host, allowed, expected) => {
    expect(await status(host, allowed)).toBe(expected);
  });

  it.each(['a b', 'a"b', 'a<b>', 'a/b', 'user@host', 'host:80:80', '[::1', 'a\\b', 'a?b'])(
    'refuses %j, which is no host',
    async (host) => {
      expect(await status(host, null)).toBe(400);
      expect(await status(host, ['*'])).toBe(400);
    },
  );

  it('refuses two Host fields (RFC 9112, section 3.2)', async () => {
    const http = { ...incoming({}), rawHeaders: ['Host', 'testserver', 'host', 'other'] };
    expect((await new TestSite(Anything).view().handle(http, {})).status).toBe(400);
  });

  it('answers 400 with a text', async () => {
    expect((await new TestSite(Anything, { allowedHosts: [] }).get()).json).toEqual({
      detail: 'The request names a host that is not served here.',
    });
  });
});

describe('request.user and request.auth', () => {
  it('are an anonymous user and null for nobody (AU03)', () => {
    const request = requestOf();
    expect(String(request.user)).toBe('AnonymousUser');
    expect(request.user.isAuthenticated).toBe(false);
    expect(request.auth).toBe(null);
  });

  it('are what the settings make for nobody, null included (AU03)', () => {
    const guest = someUser({ id: 0 });
    const request = requestOf({}, { unauthenticatedUser: () => guest, unauthenticatedToken: () => 'guest' });
    expect([request.user, request.auth]).toEqual([guest, 'guest']);
    const nothing = requestOf({}, { unauthenticatedUser: null, unauthenticatedToken: null });
    expect([nothing.user, nothing.auth]).toEqual([null, null]);
  });

  it('can be assigned, in any order; then no class is asked (AU10)', async () => {
    class Never extends BaseAuthentication {
      override authenticate(): never {
        throw new AuthenticationFailed();
      }
    }
    @authenticationClasses(Never)
    class Look extends Anything {}
    const request = new TestSite(Look).request();
    request.auth = 'by hand';
    request.user = someUser({ id: 7 });
    await request.authenticate();
    expect([request.user.id, request.auth]).toEqual([7, 'by hand']);
  });
});

describe('MultiValueDict', () => {
  it('is a list of values by name', () => {
    const dict = new MultiValueDict([
      ['a', 1],
      ['b', 2],
      ['a', 3],
    ]);
    expect([dict.get('a'), dict.getList('a'), dict.getList('x'), dict.has('b'), dict.size]).toEqual([
      3,
      [1, 3],
      [],
      true,
      2,
    ]);
    expect([...dict.entries()]).toEqual([
      ['a', 3],
      ['b', 2],
    ]);
    dict.set('a', 9);
    dict.delete('b');
    expect(JSON.stringify(dict)).toBe('{"a":[9]}');
  });
});

describe('cookies', () => {
  it.each([
    ['a=1; a=2', { a: '2' }],
    ['a="say \\"x\\073 y\\""', { a: 'say "x; y"' }],
    ['a="\\400\\\\"', { a: '400\\' }],
    ['a="', { a: '"' }],
    ['a=""; b="x', { a: '', b: '"x' }],
    ['a = 1 ;;b=2;', { a: '1', b: '2' }],
    ['alone; a=1', { '': 'alone', a: '1' }],
    ['=x=y; a=b=c', { '': 'x=y', a: 'b=c' }],
    [' ; =', {}],
    ['a; b, c=1', { '': 'a', 'b, c': '1' }],
    ['__proto__=1', JSON.parse('{"__proto__": "1"}')],
    [Buffer.from('a=dörte').toString('latin1'), { a: 'dörte' }],
    ['a=\xe9', { a: '\ufffd' }],
  ])('of %j are read as Django reads them', (cookie, expected) => {
    expect(JSON.stringify(requestOf({ headers: { cookie } }).cookies)).toBe(JSON.stringify(expected));
  });
});
