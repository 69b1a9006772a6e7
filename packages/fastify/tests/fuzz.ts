import { connect } from 'node:net';
import fc from 'fast-check';

/** Any text of single bytes. */
const bytes = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((values) => Buffer.from(values).toString('latin1'));

/** The same without what ends a line or is no text: HTTP takes it, and hands it on. */
const field = (maxLength: number) => bytes(maxLength).map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '~'));

/** The same without spaces, as in a URL. */
const target = (maxLength: number) => bytes(maxLength).map((text) => text.replace(/[^\x21-\x7e\x80-\xff]/g, '~'));

/** Mostly what HTTP takes, so that requests get far enough to meet the views. */
const mostly = <T>(right: fc.Arbitrary<T>, wrong: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 40, arbitrary: right }, { weight: 1, arbitrary: wrong });

const method = mostly(
  fc.constantFrom(
    'GET',
    'POST',
    'POST',
    'POST',
    'PUT',
    'PUT',
    'DELETE',
    'PATCH',
    'HEAD',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
  ),
  fc.oneof(fc.constantFrom('CONNECT', 'get', 'FETCH', '', 'PRI', 'M-SEARCH'), fc.string({ maxLength: 8 })),
);

const path = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('/echo/', '/books/7/', '/texts/x/', '/upload/a/', '/page.json', '/page') },
  fc.constantFrom('/', '*', '//', '/..;/', '/texts/%00/', '/books/99999999999999999999/', 'http://test/echo/'),
  fc.constantFrom(
    '/texts/%/',
    '/texts/%zz/',
    '/texts/%C3%28/',
    '/texts/%F0%9F%93%9A/',
    '/texts/%2e%2e%2f/',
    '/files/../a',
  ),
  target(30).map((text) => `/texts/${text}/`),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => `/texts/${encodeURIComponent(text)}/`),
  fc.integer({ min: 1, max: 3000 }).map((length) => `/texts/${'x'.repeat(length)}/`),
);

const query = fc.oneof(
  fc.constant(''),
  fc.constantFrom(
    '?format=json',
    '?format=txt',
    '?format=%00',
    '?format=',
    '?a[]=1&a[b]=2',
    '?__proto__=1',
    '?%=%&&=&',
    '?version=v9',
  ),
  target(40).map((text) => `?${text}`),
);

type Header = readonly [name: string, value: string];

const mediaTypes = [
  'application/json',
  'application/json; charset=utf-8',
  'application/json; charset=utf-16',
  'application/json; charset=%00',
  'application/json;;;',
  'application/json; indent=99999999999999999999',
  'application/x-www-form-urlencoded',
  'application/x-www-form-urlencoded; charset=shift_jis',
  'multipart/form-data; boundary=x',
  'multipart/form-data; boundary="',
  'multipart/form-data',
  '*/*',
  'text/html;q=0.9,*/*',
  'text/*;x="\\',
  'a/b;c="',
  ';',
  ',,,,',
  '"',
];

const names = [
  'Accept',
  'Content-Type',
  'Cookie',
  'Authorization',
  'Content-Disposition',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Request-Id',
  'Range',
  'If-Match',
  'X-HTTP-Method-Override',
  'Origin',
  'Referer',
];

const header: fc.Arbitrary<Header> = mostly<Header>(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(fc.constantFrom('Accept', 'Content-Type', 'Content-Type'), fc.constantFrom(...mediaTypes)),
    },
    fc.tuple(fc.constantFrom(...names), field(60)),
    fc.tuple(
      fc.constant('Content-Disposition'),
      fc.constantFrom(
        "attachment; filename*=utf-8''%",
        'attachment; filename="',
        "filename*='",
        'attachment; filename="\\',
        'a; filename=a',
      ),
    ),
  ),
  fc.oneof(
    fc.tuple(fc.constantFrom(...names, 'Host', 'Connection', 'Upgrade', 'Expect'), bytes(60)),
    fc.tuple(fc.string({ maxLength: 12 }), bytes(20)),
    fc.tuple(
      fc.constantFrom('Transfer-Encoding', 'Content-Length', 'Content-Encoding', 'TE'),
      fc.constantFrom('chunked', 'gzip', 'gzip, chunked', '-1', '1e9', '0', '99999999999', 'identity'),
    ),
  ),
);

const body = fc.oneof(
  fc.constant(''),
  fc.json(),
  fc.json().chain((text) => fc.nat(text.length).map((end) => text.slice(0, end))),
  bytes(300),
  fc.constantFrom(
    '{"__proto__":{"x":1}}',
    '[1e999]',
    '"\ud800"',
    '{"a":12345678901234567890123}',
    '['.repeat(5000),
    'null',
    '\ufeff{}',
    '{"a":\u0000}',
  ),
  fc.constantFrom('a=%&b=%zz&=&&c', '%FF=%FE', 'a[0]=1&a[__proto__]=2', '='),
  bytes(100).map(
    (text) => `--x\r\nContent-Disposition: form-data; name="a"; filename="${text}"\r\n\r\n${text}\r\n--x--\r\n`,
  ),
  fc.constantFrom(
    '--x\r\n\r\n\r\n--x--',
    '--x--',
    '--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--',
    '--x\r\nContent-Disposition: form-data; name=a; name=b; filename*=x\r\n\r\n',
    '--x\r\nContent-Disposition: form-data; name="__proto__"\r\n\r\n1\r\n--x--\r\n',
  ),
);

const version = mostly(fc.constant('1.1'), fc.constantFrom('1.0', '0.9', '2.0', ''));
const isThere = mostly(fc.constant(true), fc.constant(false));

/** The bytes of one request, wrong somewhere. */
export const requests: fc.Arbitrary<Buffer> = fc
  .tuple(method, path, query, fc.array(header, { maxLength: 5 }), body, version, isThere, isThere)
  .map(([verb, url, search, headers, content, protocol, hasHost, hasLength]) => {
    const isLatin1 = Buffer.from(content, 'latin1').toString('latin1') === content;
    const contentBytes = Buffer.from(content, isLatin1 ? 'latin1' : 'utf8');
    const lines = [
      `${verb} ${url}${search} HTTP/${protocol}`,
      ...(hasHost ? ['Host: test'] : []),
      'Connection: close',
      ...headers.map(([name, value]) => `${name}: ${value}`),
      ...(hasLength && contentBytes.length > 0 ? [`Content-Length: ${contentBytes.length}`] : []),
    ];
    return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), contentBytes]);
  });

/** Sends one request and gives what came back until the server closed the connection. */
export function exchange(port: number, request: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      answer += text;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    // Half closed: a server that waits for more of a broken request sees that nothing comes.
    socket.on('connect', () => socket.end(request));
  });
}
