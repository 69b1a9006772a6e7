import { inspect } from 'node:util';
import { FileUploadParser } from '@rf/views';
import {
  APIView,
  BaseRenderer,
  formatSuffixPatterns,
  JSONRenderer,
  MultiValueDict,
  parserClasses,
  path,
  QueryParameterVersioning,
  rendererClasses,
  type Request,
} from '@rf/views';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exchange, requests } from './fuzz.ts';
import { get, Server } from './server.ts';

class Text extends BaseRenderer {
  readonly mediaType = 'text/plain';
  readonly format = 'txt';
  override render(data: unknown): string {
    // Not JSON.stringify: a body may hold integers that only a bigint can.
    return inspect(data);
  }
}

/** Looks at everything that a request brings. */
function look(request: Request): unknown {
  const { data, files, queryParams, cookies, params } = request;
  return {
    data: data instanceof MultiValueDict ? [...data.keys()] : data,
    files: [...files.keys()],
    query: queryParams,
    cookies,
    params: { ...params },
    url: request.buildAbsoluteUri(),
    remote: request.remoteAddress,
  };
}

@rendererClasses(JSONRenderer, Text)
class Echo extends APIView {
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

class Upload extends Echo {}
parserClasses(FileUploadParser)(Upload);

const runs = Number(process.env.FUZZ_RUNS ?? 10_000);
const unhandled: unknown[] = [];
const remember = (error: unknown): void => {
  unhandled.push(error);
};
let server: Server;

beforeAll(async () => {
  process.on('unhandledRejection', remember);
  server = await Server.start({
    urls: [
      path('/echo/', Echo),
      path('/books/:pk(\\d+)/', Echo),
      path('/texts/:text/', Echo),
      path('/upload/:filename/', Upload),
      ...formatSuffixPatterns([path('/page', Echo)]),
    ],
    settings: {
      trustedProxies: 1,
      defaultVersioningClass: QueryParameterVersioning,
      allowedVersions: ['v1'],
      defaultVersion: 'v1',
    },
    options: { logger: { level: 'error', stream: { write: (line: string) => void unhandled.push(line) } } },
  });
});

afterAll(async () => {
  await server.close();
  process.off('unhandledRejection', remember);
});

it('no malformed request is answered with 5xx, crashes the server, or leaves an error unhandled', async () => {
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      const answer = await exchange(server.port, request);
      for (const [, status] of answer.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)) expect(Number(status)).toBeLessThan(500);
      expect(unhandled).toEqual([]);
    }),
    { numRuns: runs },
  );
  expect(await exchange(server.port, Buffer.from(get('/echo/')))).toMatch(/^HTTP\/1\.1 200 /);
}, 600_000);
