import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:net';
import { logSerializers, redactTarget, restFramework, restFrameworkServerOptions } from '@rf/fastify';
import { defineProject } from '@rf/project';
import { APIView, path, type Request, Response as ViewResponse } from '@rf/views';
import Fastify, { type FastifyServerOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { get, Server } from './server.ts';

class Login extends APIView {
  override get(): unknown {
    throw Object.assign(new Error('duplicate key'), { parameters: ['hunter2-parameter'] });
  }
  override post({ data }: Request) {
    const response = new ViewResponse({ data });
    response.setCookie('sessionid', 'hunter2-set-cookie');
    return response;
  }
}

describe('logs', () => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start({ urls: [path('/login/', Login)] });
  });
  afterAll(() => server.close());

  it('hold no credentials: no headers, no cookies, no tokens of a query, no values of a database query', async () => {
    const headers = {
      authorization: 'Token hunter2-authorization',
      cookie: 'sessionid=hunter2-cookie',
      'proxy-authorization': 'hunter2-proxy',
      'content-type': 'application/json',
    };
    const query = '?access_token=hunter2-query&page=2&bewit=hunter2-bewit&code=hunter2-code';
    await server.fetch(`/login/${query}`, { method: 'POST', headers, body: '{"password":"hunter2-body"}' });
    await server.fetch(`/login/${query}`, { headers });
    expect(server.log).toContain('/login/?access_token=[redacted]&page=2&bewit=[redacted]&code=[redacted]');
    expect(server.log).toContain('duplicate key');
    expect(server.log).not.toContain('hunter2');
  });
});

describe('logs of a server that its owner made', () => {
  /** What a server with this logger writes about requests to these targets, and about these texts on its socket. */
  async function logOf(logger: object, targets: readonly string[], texts: readonly string[] = []): Promise<string> {
    const lines: string[] = [];
    const stream = { write: (line: string) => void lines.push(line) };
    const project = defineProject({
      apps: [],
      database: 'pglite://memory',
      secretKey: 'for tests',
      urls: [
        path('/reset/:uid/:token/', Login),
        path('/authors/:authorId/', Login),
        path('/files/:secretPath(.*)/', Login),
      ],
    });
    const app = Fastify({ logger: { stream, ...logger } });
    await app.register(restFramework, { project });
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    for (const target of targets) await fetch(url + target);
    for (const text of texts) {
      await new Promise((resolve) => {
        const socket = connect(Number(new URL(url).port), '127.0.0.1')
          .on('close', resolve)
          .on('error', () => {});
        socket.resume().write(text);
      });
    }
    await app.close();
    return lines.join('');
  }

  it('hold no credentials of URLs either', async () => {
    const log = await logOf({}, ['/reset/MQ/hunter2-token/?next=/a/', '/nowhere/?code=hunter2', '/files/a/hunter2/']);
    expect(log).toContain('"url":"/reset/MQ/[redacted]/?next=/a/"');
    expect(log).toContain('"url":"/nowhere/?code=[redacted]"');
    expect(log).toContain('"path":"/reset/MQ/[redacted]/"');
    expect(log).toContain('"url":"/files/[redacted]/"');
    expect(log).toContain('"err":{"type":"Error","message":"duplicate key"');
    expect(log).not.toContain('hunter2');
  });

  it('hold no bytes of what is no HTTP, though everything is logged', async () => {
    const sent = [
      `GET /login/ HTTP/1.1\r\nHost: x\r\nAuthorization: hunter2\r\nX-Long: ${'a'.repeat(20_000)}\r\n\r\n`,
      'GET /login/ HTTP/1.1\r\nHost: x\r\nAuthorization: hunter2\r\nno field\r\n\r\n',
      'FOO /login/?bewit=hunter2 HTTP/1.1\r\nHost: x\r\n\r\n',
    ];
    const log = await logOf({ level: 'trace' }, [], sent);
    for (const code of ['HPE_HEADER_OVERFLOW', 'HPE_INVALID_HEADER_TOKEN', 'HPE_INVALID_METHOD']) {
      expect(log).toContain(`"code":"${code}"`);
    }
    for (const bytes of ['hunter2', [...Buffer.from('hunter2')].join(','), Buffer.from('hunter2').toString('hex')]) {
      expect(log).not.toContain(bytes);
    }
  });

  it('show what the serializer of the owner shows, and paths that are no credentials', async () => {
    const req = ({ url }: { url: string }) => ({ url, mine: true });
    const log = await logOf({ serializers: { req } }, ['/authors/7/?token=hunter2']);
    expect(log).toContain('"req":{"url":"/authors/7/?token=[redacted]","mine":true}');
  });
});

describe('redactTarget', () => {
  it.each([
    ['/a/', '/a/'],
    ['/a/?page=2&search=x', '/a/?page=2&search=x'],
    ['/a/?author=3&author_name=x&keyword=y', '/a/?author=3&author_name=x&keyword=y'],
    ['/a/?authorization=1&apikey=2&key=3', '/a/?authorization=[redacted]&apikey=[redacted]&key=[redacted]'],
    ['/a/?api_key=1&X-Signature=2&sessionId=3', '/a/?api_key=[redacted]&X-Signature=[redacted]&sessionId=[redacted]'],
    ['/a/?access_token=1&token=2&bewit=3', '/a/?access_token=[redacted]&token=[redacted]&bewit=[redacted]'],
    [
      '/a/?oauth_token=1&oauth_verifier=2&oauth_signature=3',
      '/a/?oauth_token=[redacted]&oauth_verifier=[redacted]&oauth_signature=[redacted]',
    ],
    ['/a/?oauth_timestamp=1&oauth_nonce=2', '/a/?oauth_timestamp=[redacted]&oauth_nonce=[redacted]'],
    ['/a/?client_assertion=x.y.z&client_secret=1', '/a/?client_assertion=[redacted]&client_secret=[redacted]'],
    ['/a/?access%5Ftoken=1&%74oken=2&%zz=3', '/a/?access%5Ftoken=[redacted]&%74oken=[redacted]&%zz=[redacted]'],
    ['/a/?token', '/a/?token'],
    ['/a/&bewit=1', '/a/&bewit=[redacted]'],
    ['/a/&page=2&bewit=1/?token=2&page=3', '/a/&page=2&bewit=[redacted]?token=[redacted]&page=3'],
    ['/key=1/a&b/', '/key=1/a&b/'],
    ['http://alice:pw@example.com/a/?page=2', 'http://[redacted]@example.com/a/?page=2'],
    ['http://example.com/@a/', 'http://example.com/@a/'],
    ['/a/?a=1?token=2', '/a/?a=1?token=2'],
  ])('%s is shown as %s', (target, shown) => {
    expect(redactTarget(target)).toBe(shown);
  });
});

describe('restFrameworkServerOptions', () => {
  it('keep what they are given', () => {
    const options = restFrameworkServerOptions({
      requestTimeout: 5,
      logger: { level: 'warn' },
      routerOptions: { maxParamLength: 7 },
    });
    expect(options).toMatchObject({
      requestTimeout: 5,
      routerOptions: { maxParamLength: 7 },
      logger: { level: 'warn', serializers: logSerializers },
    });
  });

  it('log nothing unless asked to', () => {
    expect(restFrameworkServerOptions().logger).toBe(false);
  });

  it('let serializers be replaced one by one', () => {
    const req = () => ({ mine: true });
    expect(restFrameworkServerOptions({ logger: { serializers: { req } } }).logger).toMatchObject({
      serializers: { ...logSerializers, req },
    });
  });
});

describe('slow senders', () => {
  it('are cut off with 408 when their time is over', async () => {
    const server = await Server.start({
      urls: [path('/login/', Login)],
      // Fastify's types know `http` only together with its other kinds of servers.
      options: {
        requestTimeout: 300,
        http: { headersTimeout: 200, connectionsCheckingInterval: 50 },
      } as FastifyServerOptions,
    });
    try {
      const [headers, body] = await Promise.all([
        server.raw('POST /login/ HTTP/1.1\r\nHost: test\r\nX-Slow: '),
        server.raw(
          'POST /login/ HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
        ),
      ]);
      expect(headers).toMatch(/^HTTP\/1\.1 408 [^]*\{"detail":"The request took too long to arrive\."\}$/);
      expect(body).toMatch(/^HTTP\/1\.1 (408|400) /);
      expect((await server.fetch('/login/')).status).toBe(500);
    } finally {
      await server.close();
    }
  });
});

describe('closing', () => {
  class Slow extends APIView {
    override async get() {
      await sleep(200);
      return { done: true };
    }
  }

  it('finishes requests under way and takes no new ones', async () => {
    const server = await Server.start({ urls: [path('/slow/', Slow)], healthChecks: true });
    const once = server.raw(get('/slow/'));
    const keptAlive = server.raw(get('/slow/').replace('close', 'keep-alive'));
    await sleep(50);
    const closing = server.close();
    expect(await once).toMatch(/\{"done":true\}$/);
    expect(await keptAlive).toMatch(/\{"done":true\}$/);
    await closing;
    await expect(
      new Promise((resolve, reject) => connect(server.port, '127.0.0.1').on('connect', resolve).on('error', reject)),
    ).rejects.toThrow('ECONNREFUSED');
  });
});
