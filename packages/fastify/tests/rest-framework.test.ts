import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImproperlyConfigured, NotFound } from '@rf/exceptions';
import { restFramework } from '@rf/fastify';
import {
  APIView,
  authenticationClasses,
  BaseAuthentication,
  FileUploadParser,
  formatSuffixPatterns,
  HttpResponse,
  include,
  parserClasses,
  path,
  type Request,
  Response as ViewResponse,
  StaticHTMLRenderer,
  JSONRenderer,
  rendererClasses,
} from '@rf/views';
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { get, Server } from './server.ts';

class Echo extends APIView {
  override get(request: Request) {
    return { params: { ...request.params }, query: request.queryParams, target: request.target };
  }
  override post(request: Request) {
    return { data: request.data };
  }
  override delete(request: Request) {
    return { data: request.data };
  }
}

class Ignores extends APIView {
  override post() {
    return { looked: false };
  }
}

@rendererClasses(JSONRenderer, StaticHTMLRenderer)
class Page extends APIView {
  override get() {
    return '<p>Grüße</p>';
  }
}

class Kinds extends APIView {
  override get(_request: Request, { kind }: Readonly<Record<string, string>>): unknown {
    if (kind === 'empty') return new ViewResponse(undefined, { status: 204 });
    if (kind === 'null') return null;
    if (kind === 'blank') return new HttpResponse('');
    if (kind === 'bytes') return new HttpResponse(Buffer.from([0, 255]), { contentType: 'application/x-bytes' });
    if (kind === 'cookies') {
      const response = new ViewResponse({ a: 1 });
      response.setCookie('a', '1');
      response.setCookie('b', '2');
      return response;
    }
    if (kind === 'informational') return new ViewResponse({}, { status: 103 });
    if (kind === 'informational-later') return Object.assign(new ViewResponse({}), { status: 101 });
    if (kind === 'reset') return new ViewResponse({ a: 1 }, { status: 205 });
    if (kind === 'bad-header') return new ViewResponse({}, { headers: { 'x-bad': 'a\nb' } });
    if (kind === 'crash') throw new Error('the secret of the house');
    throw new NotFound();
  }
}

let streamEnded: (() => void) | undefined;
class Stream extends APIView {
  override get({ queryParams }: Request) {
    const isEndless = queryParams.has('endless');
    const fails = queryParams.get('fails');
    async function* lines() {
      try {
        if (fails === 'first') throw new NotFound('No such list.');
        yield '{"n":1}\n';
        await sleep(5);
        if (fails === 'later') throw new Error('half way');
        yield Buffer.from('{"n":2}\n');
        while (isEndless) {
          await sleep(5);
          yield '{}\n';
        }
      } finally {
        streamEnded?.();
      }
    }
    return new HttpResponse(lines(), { contentType: 'application/x-ndjson' });
  }
}

@parserClasses(FileUploadParser)
class Upload extends APIView {
  override put({ files }: Request) {
    const file = files.get('file');
    return { name: file?.name, size: file?.size };
  }
}

class Named extends BaseAuthentication {
  override authenticate(request: Request) {
    const name = request.headers['x-name'];
    if (name === undefined) return null;
    const user = {
      id: 1,
      isAuthenticated: true,
      isActive: true,
      isStaff: false,
      isSuperuser: false,
      getUsername: () => name,
    };
    return { user, auth: 'by name' };
  }
}

/** Takes its time, in which a body may come. */
class Deliberate extends BaseAuthentication {
  override async authenticate() {
    await sleep(30);
    return null;
  }
}

@authenticationClasses(Deliberate)
class DeliberateEcho extends Echo {}

const seen: unknown[] = [];
let server: Server;

beforeAll(async () => {
  server = await Server.start({
    urls: [
      path('/echo/', Echo),
      path('/books/:pk(\\d+)/', Echo),
      path('/books/:slug([a-z]+)/', Echo),
      path('/texts/:text/', Echo),
      path('/files/:path(.+)/raw/', Echo),
      path('/files/:path(.+)/', Page),
      path('/echo/', Page),
      include('/deep/', [path('/:a-:b/', Echo)]),
      ...formatSuffixPatterns([path('/page', Page), path('/pages/:pk/', Page)]),
      path('/ignores/', Ignores),
      path('/deliberate/', DeliberateEcho),
      path('/kinds/:kind/', Kinds),
      path('/stream/', Stream),
      path('/upload/:filename/', Upload),
    ],
    settings: { defaultAuthenticationClasses: [Named], dataUploadMaxMemorySize: 200_000 },
    after(app) {
      app.post('/own/', async (request) => ({ own: request.body }));
      app.get('/own/fails/', async () => {
        throw Object.assign(new Error('Too busy.'), { statusCode: 429 });
      });
      app.get('/own/crash/', async () => {
        throw new Error('the secret of the house');
      });
      app.addHook('onResponse', async (request) => {
        seen.push(request.rf && [request.rf.user.getUsername(), request.rf.auth]);
      });
    },
  });
});

afterAll(() => server.close());

const json = async (answer: Response) => [answer.status, await answer.json()];
const post = (target: string, body: string | Buffer, type: string | null, method = 'POST') =>
  server.raw(
    `${method} ${target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `${type === null ? '' : `Content-Type: ${type}\r\n`}\r\n`,
    body,
  );
const statusOf = (answer: string) => Number(answer.slice(9, 12));

describe('a route', () => {
  it('hands over target, arguments and query', async () => {
    expect(await json(await server.fetch('/books/7/?a=1&a=%C3%A9'))).toEqual([
      200,
      { params: { pk: '7' }, query: { a: ['1', 'é'] }, target: '/books/7/?a=1&a=%C3%A9' },
    ]);
    expect((await json(await server.fetch('/books/emma/')))[1]).toMatchObject({ params: { slug: 'emma' } });
    expect((await json(await server.fetch('/deep/x-y/')))[1]).toMatchObject({ params: { a: 'x', b: 'y' } });
  });

  it('may have arguments that span segments', async () => {
    expect((await json(await server.fetch('/files/a/b%20c/raw/')))[1]).toMatchObject({ params: { path: 'a/b c' } });
    expect(await (await server.fetch('/files/a/b/')).text()).toBe('"<p>Grüße</p>"');
    expect(await json(await server.fetch('/files/a/b'))).toEqual([404, { detail: 'Not found.' }]);
  });

  it('is told apart from others by what its arguments take', async () => {
    expect(await json(await server.fetch('/books/X/'))).toEqual([404, { detail: 'Not found.' }]);
  });

  it('decodes arguments once, and leaves the target as sent', async () => {
    const [, body] = await json(await server.fetch('/texts/%C3%A9%2520%3F/'));
    expect(body).toMatchObject({ params: { text: 'é%20?' }, target: '/texts/%C3%A9%2520%3F/' });
  });

  it('takes arguments of up to 1024 characters', async () => {
    expect((await server.fetch(`/texts/${'x'.repeat(1024)}/`)).status).toBe(200);
    expect(await json(await server.fetch(`/texts/${'x'.repeat(1025)}/`))).toEqual([414, { detail: 'URI Too Long' }]);
  });

  it('counts as the first of several with one pattern', async () => {
    expect((await json(await server.fetch('/echo/')))[1]).toHaveProperty('params');
  });

  it.each(['/page', '/page.json', '/page.html', '/page.html/', '/pages/1/', '/pages/1.html', '/pages/1.html/'])(
    '%s is one',
    async (target) => {
      expect((await server.fetch(target)).status).toBe(200);
    },
  );
});

describe('an answer', () => {
  it('has the media type of the renderer and no more', async () => {
    const answer = await server.raw(get('/echo/'));
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toMatch(/\r\ncontent-type: application\/json\r\n/);
    expect(answer).toMatch(/\r\nallow: GET, POST, DELETE, HEAD, OPTIONS\r\n/);
  });

  it('is text in UTF-8 with its length in bytes', async () => {
    const answer = await server.fetch('/page', { headers: { accept: 'text/html' } });
    expect(await answer.text()).toBe('<p>Grüße</p>');
    expect(answer.headers.get('content-length')).toBe('14');
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('vary')).toBe('Accept');
  });

  it.each([
    ['empty', 204],
    ['null', 200],
  ])('%s has no body and no media type', async (kind, status) => {
    const answer = await server.fetch(`/kinds/${kind}/`);
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([status, null, '']);
  });

  it('that is an empty text has its media type', async () => {
    const answer = await server.fetch('/kinds/blank/');
    expect([answer.headers.get('content-type'), await answer.text()]).toEqual(['text/html; charset=utf-8', '']);
  });

  it('to HEAD is that to GET without its body', async () => {
    const head = await server.raw(get('/page', 'Accept: text/html').replace('GET', 'HEAD'));
    expect(head).toMatch(/\r\ncontent-length: 14\r\n/);
    expect(head.endsWith('\r\n\r\n')).toBe(true);
  });

  it('may be bytes', async () => {
    const answer = await server.fetch('/kinds/bytes/');
    expect([answer.headers.get('content-type'), [...new Uint8Array(await answer.arrayBuffer())]]).toEqual([
      'application/x-bytes',
      [0, 255],
    ]);
  });

  it('may set several cookies', async () => {
    expect((await server.fetch('/kinds/cookies/')).headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2; Path=/']);
  });

  it('that cannot be sent is a 500', async () => {
    const answer = await server.fetch('/kinds/bad-header/');
    expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]+$/);
    expect(await json(answer)).toEqual([500, { detail: 'A server error occurred.' }]);
    expect(server.log).toContain('an answer could not be sent');
  });

  it('of a status that ends no request is a 500, and does not keep the client waiting', async () => {
    for (const kind of ['informational', 'informational-later']) {
      expect(await json(await server.fetch(`/kinds/${kind}/`))).toEqual([500, { detail: 'A server error occurred.' }]);
    }
  });

  it('sends no content with 205', async () => {
    const answer = await server.fetch('/kinds/reset/');
    expect([answer.status, await answer.text(), answer.headers.get('content-length')]).toEqual([205, '', '0']);
    expect(answer.headers.get('content-type')).toBeNull();
  });

  it('names the request, by the id of a proxy if there is one', async () => {
    const id = async (headers: Record<string, string>) =>
      (await server.fetch('/echo/', { headers })).headers.get('x-request-id');
    expect(await id({ 'x-request-id': 'from-the-proxy.1' })).toBe('from-the-proxy.1');
    const own = await id({ 'x-request-id': 'has spaces' });
    expect(own).toMatch(/^[\w-]+$/);
    expect(await id({})).not.toBe(own);
  });
});

describe('a streamed answer (W39)', () => {
  it('arrives piece by piece', async () => {
    const answer = await server.fetch('/stream/');
    expect([answer.headers.get('content-type'), await answer.text()]).toEqual([
      'application/x-ndjson',
      '{"n":1}\n{"n":2}\n',
    ]);
  });

  it('that fails before its first piece is an error as any', async () => {
    expect(await json(await server.fetch('/stream/?fails=first'))).toEqual([404, { detail: 'No such list.' }]);
  });

  it('that fails later is cut off, and the server lives on', async () => {
    const answer = await server.fetch('/stream/?fails=later');
    await expect(answer.text()).rejects.toThrow();
    expect((await server.fetch('/echo/')).status).toBe(200);
  });

  it('ends its source when the client leaves', async () => {
    const ended = new Promise<void>((resolve) => {
      streamEnded = resolve;
    });
    const leaving = new AbortController();
    const answer = await server.fetch('/stream/?endless', { signal: leaving.signal });
    await answer.body?.getReader().read();
    leaving.abort();
    await ended;
    streamEnded = undefined;
  });
});

describe('a body', () => {
  it('is read by the view', async () => {
    expect(
      await json(
        await server.fetch('/echo/', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{"a":1}',
        }),
      ),
    ).toEqual([200, { data: { a: 1 } }]);
    expect(await post('/echo/', '{"a":1}', 'application/json', 'DELETE')).toMatch(/\{"data":\{"a":1\}\}$/);
  });

  it.each(['json', '', 'application/', 'text/plain; ;', 'a b', null])(
    'of the media type %j is for the parsers to refuse',
    async (type) => {
      const answer = await post('/echo/', '{}', type);
      expect(statusOf(answer)).toBe(415);
      expect(answer).toContain(`{"detail":"Unsupported media type \\"${type ?? ''}\\" in request."}`);
      expect(answer).toContain('\r\nallow: ');
      expect(statusOf(await post('/ignores/', '{}', type))).toBe(200);
    },
  );

  it('may come in chunks', async () => {
    const head =
      'POST /echo/ HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(await server.raw(head, '4\r\n{"a"\r\n', '3\r\n:1}\r\n0\r\n\r\n')).toMatch(/\{"data":\{"a":1\}\}$/);
  });

  it('of a file is read under the upload limit', async () => {
    const answer = await server.fetch('/upload/a.bin/', { method: 'PUT', body: Buffer.alloc(1_000_000) });
    expect(await json(answer)).toEqual([200, { name: 'a.bin', size: 1_000_000 }]);
  });

  it('over the limit is refused before it is read, and the client sees the answer', async () => {
    const size = 50_000_000;
    const head = `POST /echo/ HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: ${size}\r\n\r\n`;
    const answer = await server.raw(head, Buffer.alloc(400_000));
    expect(statusOf(answer)).toBe(413);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    expect(answer).toMatch(/\{"detail":"The request body is too large\."\}$/);
  });

  it('over the limit in chunks is refused when it gets there', async () => {
    const head =
      'POST /echo/ HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    expect(statusOf(await server.raw(head, ...Array(8).fill(chunk)))).toBe(413);
  });

  it('that nobody wants does not cost the connection when it is small', async () => {
    const body = 'x'.repeat(1000);
    const request = `PUT /ignores/ HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n${body}`;
    const answers = await server.raw(request, get('/echo/'));
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 405', 'HTTP/1.1 200']);
  });

  describe('that comes while its sender is looked up', () => {
    const put = (length: number, ...more: string[]) =>
      [
        'POST /deliberate/ HTTP/1.1',
        'Host: test',
        'Content-Type: application/json',
        `Content-Length: ${length}`,
        ...more,
      ]
        .concat('', '')
        .join('\r\n');

    it('is read, and the connection is good for the next request', async () => {
      const first = '{"n":1}';
      const second = `{"text":"${'x'.repeat(150_000)}"}`;
      const answers = await server.raw(
        put(first.length) + first + put(second.length) + second + put(first.length, 'Connection: close') + first,
      );
      expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 200']);
      expect(answers.match(/\{"data":/g)).toHaveLength(3);
      expect(answers).toContain(`{"data":${second}}`);
      expect(answers).toMatch(/\{"data":\{"n":1\}\}$/);
    });

    it('is waited for when only half of it has come', async () => {
      const socket = connect(server.port, '127.0.0.1').setEncoding('latin1');
      socket.write(`${put(7, 'Connection: close')}{"n"`);
      await sleep(100);
      socket.write(':1}');
      expect((await socket.toArray()).join('')).toMatch(/\{"data":\{"n":1\}\}$/);
    });

    it('is refused over the limit', async () => {
      const body = `"${'x'.repeat(200_000)}"`;
      expect(statusOf(await server.raw(put(body.length) + body))).toBe(413);
    });
  });

  it('that ends too early harms nobody', async () => {
    const leaving = server.raw(
      'POST /echo/ HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"a"',
    );
    await sleep(20);
    server.app.server.closeAllConnections();
    await leaving;
    expect((await server.fetch('/echo/')).status).toBe(200);
  });

  it('of 10,000 brackets is refused cheaply', async () => {
    expect(statusOf(await post('/echo/', '['.repeat(10_000) + ']'.repeat(10_000), 'application/json'))).toBe(400);
  });

  it('with keys for prototypes is refused', async () => {
    expect(statusOf(await post('/echo/', '{"__proto__":{"isAdmin":true}}', 'application/json'))).toBe(400);
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });
});

describe('methods', () => {
  it.each(['PROPFIND', 'LOCK', 'SEARCH', 'QUERY', 'PUT'])(
    '%s, which the view does not know, is 405',
    async (method) => {
      const answer = await server.raw(get('/echo/').replace('GET', method));
      expect(statusOf(answer)).toBe(405);
      expect(answer).toContain(`{"detail":"Method \\"${method}\\" not allowed."}`);
      expect(answer).toContain('\r\nallow: GET, POST, DELETE, HEAD, OPTIONS\r\n');
    },
  );

  it('of no standard are no HTTP', async () => {
    expect(statusOf(await server.raw(get('/echo/').replace('GET', 'FETCH')))).toBe(400);
  });

  it('that no route knows, at a URL that does not exist, are 404', async () => {
    expect(statusOf(await server.raw(get('/nowhere/').replace('GET', 'PROPFIND')))).toBe(404);
  });
});

describe('an unknown URL (W19)', () => {
  it('is 404 as negotiated data, without Allow', async () => {
    const answer = await server.fetch('/nowhere/');
    expect(await json(answer)).toEqual([404, { detail: 'Not found.' }]);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.headers.get('allow')).toBe(null);
  });

  it('is 404 whatever is sent to it', async () => {
    expect(statusOf(await post('/nowhere/', '{', 'application/json'))).toBe(404);
    expect(statusOf(await post('/nowhere/', 'x'.repeat(2_000_000), 'application/json'))).toBe(404);
  });

  it.each(['/echo', '/ECHO/', '/books/x1/', '//echo/', '/echo//', '/texts//', '/texts/a%2Fb/'])(
    '%s is one',
    async (target) => {
      expect((await server.fetch(target)).status).toBe(404);
    },
  );

  it('is 404 for any method, and its body is not read', async () => {
    expect(statusOf(await post('/nowhere/', 'x'.repeat(1000), 'text/plain'))).toBe(404);
  });
});

describe('what is no request', () => {
  it('a URL with a broken escape is 400', async () => {
    const answer = await server.raw(get('/texts/%zz/'));
    expect(statusOf(answer)).toBe(400);
    expect(answer).toMatch(/\r\ncontent-type: application\/json\r\n/);
    expect(answer).toMatch(/\{"detail":"The URL of the request cannot be read\."\}$/);
  });

  it('a header of 1 MB is 431', async () => {
    const answer = await server.raw(`GET /echo/ HTTP/1.1\r\nHost: test\r\nX-Long: ${'x'.repeat(1_000_000)}\r\n\r\n`);
    expect(statusOf(answer)).toBe(431);
    expect(answer).toMatch(/\{"detail":"The header of the request is too large\."\}$/);
  });

  it.each([
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['no host', 'GET /echo/ HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['a header without a colon', 'GET /echo/ HTTP/1.1\r\nHost: test\r\nnonsense\r\n\r\n'],
    ['two lengths', 'POST /echo/ HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx'],
    [
      'length and chunks',
      'POST /echo/ HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'a broken chunk',
      'POST /echo/ HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    ],
  ])('%s is 400', async (_what, text) => {
    expect(statusOf(await server.raw(text))).toBe(400);
  });
});

describe('errors', () => {
  it('of views are logged with the id that the client sees, and say nothing (W19)', async () => {
    const answer = await server.fetch('/kinds/crash/', { headers: { 'x-request-id': 'crash-1' } });
    expect(await json(answer)).toEqual([500, { detail: 'A server error occurred.' }]);
    expect(answer.headers.get('x-request-id')).toBe('crash-1');
    const lines = server.log.split('\n').filter((line) => line.includes('crash-1') && line.includes('unhandled'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('the secret of the house');
  });

  it("of routes of the server's own are answered in the same shape", async () => {
    expect(await json(await server.fetch('/own/fails/'))).toEqual([429, { detail: 'Too busy.' }]);
    expect(await json(await server.fetch('/own/crash/'))).toEqual([500, { detail: 'A server error occurred.' }]);
  });
});

describe("the server's own routes and hooks", () => {
  it('keep their bodies parsed by Fastify', async () => {
    const answer = await server.fetch('/own/', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
    });
    expect(await json(answer)).toEqual([200, { own: { a: 1 } }]);
  });

  it('see the user of the request (AU10)', async () => {
    seen.length = 0;
    await server.fetch('/echo/', { headers: { 'x-name': 'alice' } });
    await server.fetch('/own/fails/');
    expect(seen).toEqual([['alice', 'by name'], null]);
  });

  it('find the open project', () => {
    expect(server.app.rf.urls.resolve('/echo/')).not.toBe(null);
  });
});

describe('mistakes', () => {
  it('no project is told', async () => {
    await expect(Fastify().register(restFramework, {} as never)).rejects.toThrow(
      /write app\.register\(restFramework, \{ project \}\)/,
    );
  });

  it('a view that cannot work is told when the server gets ready', async () => {
    class Nothing extends APIView {}
    await expect(Server.start({ urls: [path('/', Nothing)] })).rejects.toThrow(ImproperlyConfigured);
  });
});
