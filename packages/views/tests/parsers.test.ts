import { sep } from 'node:path';
import {
  APIView,
  BaseParser,
  FileUploadParser,
  FormParser,
  JSONParser,
  MultiPartParser,
  MultiValueDict,
  type ParsedBody,
  type ParserClass,
  type ParserContext,
  parserClasses,
  path,
  type Request,
  type Settings,
  type UploadedFile,
} from '@rf/views';
import { describe, expect, it } from 'vitest';
import { type Sent, TestSite } from './test-site.ts';

function echo(request: Request): unknown {
  const { data, files } = request;
  const plain = data instanceof MultiValueDict ? { form: data.toJSON() } : { data };
  const uploaded = [...files].flatMap(([name, list]) =>
    list.map((file: UploadedFile) => [name, file.name, file.size, file.contentType, file.text()]),
  );
  return { ...plain, files: uploaded };
}

function siteWith(parsers: readonly ParserClass[] | null, settings: Partial<Settings> = {}): TestSite {
  class Echo extends APIView {
    override post(request: Request) {
      return echo(request);
    }
  }
  if (parsers !== null) parserClasses(...parsers)(Echo);
  return new TestSite([path('/', Echo), path('/upload/:filename/', Echo)], settings);
}

const post = (site: TestSite, sent: Sent) => site.send({ method: 'POST', ...sent });
const typed = (type: string, body: unknown, more: Record<string, string> = {}): Sent => ({
  headers: { 'content-type': type, ...more },
  body,
});

describe('choosing a parser (PA01)', () => {
  it('takes JSON, forms and multipart unless told otherwise', async () => {
    const site = siteWith(null);
    expect((await post(site, { body: { a: 1 } })).json.data).toEqual({ a: 1 });
    expect((await post(site, typed('application/x-www-form-urlencoded', 'a=1'))).json.form).toEqual({ a: ['1'] });
    expect((await post(site, typed('text/plain; charset=utf-8', 'x'))).json).toEqual({
      detail: 'Unsupported media type "text/plain; charset=utf-8" in request.',
    });
  });

  it.each([
    ['application/json', 200],
    ['Application/JSON', 200],
    ['application/json; charset=utf-8', 200],
    ['application/json;version=3', 200],
    ['application/*', 200],
    ['*/*', 200],
    ['json', 415],
    ['', 415],
    ['application/xml', 415],
    [`application/json; x=${'y'.repeat(260)}`, 415],
  ])('reads %s as JSON with %i', async (type, status) => {
    const answer = await post(siteWith([JSONParser]), typed(type, '{"a":1}'));
    expect(answer.status).toBe(status);
    if (status === 415) expect(answer.json.detail).toBe(`Unsupported media type "${type}" in request.`);
  });

  it('asks nobody about an empty body, whatever its type (RQ02)', async () => {
    for (const parsers of [[], [JSONParser], [FileUploadParser]]) {
      const answer = await post(siteWith(parsers), typed('image/png', ''));
      expect(answer.json).toEqual({ data: {}, files: [] });
    }
  });

  it('gives an empty form for an empty body of a form type (RQ02)', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      expect((await post(siteWith([]), typed(type, ''))).json).toEqual({ form: {}, files: [] });
    }
  });

  it('takes an empty chunked body for an empty one', async () => {
    expect((await post(siteWith([JSONParser]), { body: [] })).json).toEqual({ data: {}, files: [] });
  });
});

describe('JSONParser (PA02)', () => {
  const json = (text: string | Buffer, type = 'application/json', settings: Partial<Settings> = {}) =>
    post(siteWith([JSONParser], settings), typed(type, text));

  it.each([['[1,2]'], ['"text"'], ['7'], ['true'], ['null'], ['{}'], ['{"naïve":"書店 📚"}'], ['{"a":1.5e3}']])(
    'reads %s',
    async (text) => {
      expect((await json(text)).json.data).toEqual(JSON.parse(text));
    },
  );

  it.each(['{', '{"a":}', 'nope', "{'a':1}", '[1,]', '\ufeff{}', '1 2'])('refuses %j with 400', async (text) => {
    const answer = await json(text);
    expect(answer.status).toBe(400);
    expect(answer.json.detail).toMatch(/^JSON parse error - ./);
  });

  it.each(['NaN', 'Infinity', '-Infinity', '[NaN]', '1e400', '-1e999'])(
    'refuses %s, which is no number of JSON',
    async (text) => {
      const answer = await json(text);
      expect(answer.status).toBe(400);
      expect(answer.json.detail).toBe(
        `JSON parse error - Out of range float values are not JSON compliant: '${text.replace(/[[\]]/g, '')}'`,
      );
    },
  );

  it('reads them where strictJson is off', async () => {
    class Echo extends APIView {
      override post({ data }: Request) {
        return data.map(String);
      }
    }
    const site = new TestSite(Echo, { strictJson: false });
    const body = '[NaN, Infinity, -Infinity, "NaN", "a \\" Infinity"]';
    const answer = await post(site, typed('application/json', body));
    expect(answer.json).toEqual(['NaN', 'Infinity', '-Infinity', 'NaN', 'a " Infinity']);
  });

  it('keeps integers beyond the precision of a number', async () => {
    class Echo extends APIView {
      override post({ data }: Request) {
        return Object.entries(data).map(([key, value]) => `${key} ${typeof value} ${value}`);
      }
    }
    const body =
      '{"small":12,"big":12345678901234567890,"negative":-9007199254740993,"text":"12345678901234567890","f":0.50000000000000000001}';
    expect((await post(new TestSite(Echo), typed('application/json', body))).json).toEqual([
      'small number 12',
      'big bigint 12345678901234567890',
      'negative bigint -9007199254740993',
      'text string 12345678901234567890',
      'f number 0.5',
    ]);
  });

  it('answers big integers with all their digits', async () => {
    expect((await json('{"n":12345678901234567890}')).text).toContain('"n":12345678901234567890');
  });

  it('refuses a large integer that begins with zero', async () => {
    expect((await json('{"n":012345678901234567890}')).status).toBe(400);
    expect((await json('{"n":-00}')).status).toBe(400);
  });

  it('refuses an integer of more than 4300 digits', async () => {
    expect((await json('9'.repeat(4301))).json.detail).toBe('JSON parse error - an integer has more than 4300 digits');
    expect((await json('9'.repeat(4300))).status).toBe(200);
  });

  it('refuses bodies that are nested too deeply without parsing them', async () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect((await json(nested(100))).status).toBe(200);
    expect((await json(nested(101))).json.detail).toBe('JSON parse error - nested deeper than 100 levels');
    expect((await json(nested(10_000))).status).toBe(400);
    expect((await json(`"${'['.repeat(200)}"`)).status).toBe(200);
    expect((await json(nested(3), undefined, { maxJsonDepth: 2 })).status).toBe(400);
  });

  it.each([
    '{"__proto__":{"isAdmin":true}}',
    '{"a":[{"__proto__":1}]}',
    '{"\\u005f_proto__":1}',
    '{"constructor":{"prototype":{}}}',
  ])('refuses %s, which is there to change prototypes', async (text) => {
    const answer = await json(text);
    expect(answer.status).toBe(400);
    expect(answer.json.detail).toMatch(/^JSON parse error - the key/);
  });

  it('takes harmless keys of such names', async () => {
    const text = '{"constructor":"Williams","prototype":"P1","proto":"__proto__"}';
    expect((await json(text)).json.data).toEqual(JSON.parse(text));
  });

  it('takes the last of repeated keys', async () => {
    expect((await json('{"a":1,"a":2}')).json.data).toEqual({ a: 2 });
  });

  it('reads the charset of the Content-Type, and UTF-8 for one it does not know (PA06)', async () => {
    expect((await json(Buffer.from('{"a":"é"}', 'latin1'), 'application/json; charset=iso-8859-1')).json.data).toEqual({
      a: 'é',
    });
    expect((await json(Buffer.from('{"a":"é"}', 'utf16le'), 'application/json; charset="utf-16le"')).json.data).toEqual(
      { a: 'é' },
    );
    expect((await json('{"a":"é"}', 'application/json; charset=nosuchcharset')).json.data).toEqual({ a: 'é' });
    expect((await json('{"a":"é"}', 'application/json; charset=us-ascii')).status).toBe(400);
  });

  const euro = [...'"€"'].map((char) => (char === '€' ? 0x20ac : char.charCodeAt(0)));
  const wide = (bytes: number, order: 'LE' | 'BE', codes: readonly number[]) => {
    const body = Buffer.alloc(codes.length * bytes);
    for (const [at, code] of codes.entries()) {
      if (order === 'LE') body.writeUIntLE(code, at * bytes, bytes);
      else body.writeUIntBE(code, at * bytes, bytes);
    }
    return body;
  };

  it.each([
    ['utf_8', Buffer.from('"€"')],
    ['U8', Buffer.from('"€"')],
    ['utf-8-sig', Buffer.from('\ufeff"€"')],
    ['utf_8_sig', Buffer.from('"€"')],
    ['cp1252', Buffer.from('"\x80"', 'latin1')],
    ['Windows-1252', Buffer.from('"\x80"', 'latin1')],
    ['windows_1251', Buffer.from('"\x88"', 'latin1')],
    ['iso8859_15', Buffer.from('"\xa4"', 'latin1')],
    ['latin9', Buffer.from('"\xa4"', 'latin1')],
    ['cp950', Buffer.from('"\xa3\xe1"', 'latin1')],
    ['utf-16', wide(2, 'LE', [0xfeff, ...euro])],
    ['utf_16', wide(2, 'BE', [0xfeff, ...euro])],
    ['utf_16_be', wide(2, 'BE', euro)],
    ['utf-32', wide(4, 'LE', [0xfeff, ...euro])],
    ['utf-32', wide(4, 'BE', [0xfeff, ...euro])],
    ['utf_32_le', wide(4, 'LE', euro)],
    ['utf-32be', wide(4, 'BE', euro)],
  ])('reads %s, as Python would (PA06)', async (charset, body) => {
    expect((await json(body, `application/json; charset=${charset}`)).json.data).toBe('€');
  });

  it.each([
    ['koi8_r', '\xd6', 'ж'],
    ['sjis', '\x83e', 'テ'],
    ['cp932', '\x83e', 'テ'],
    ['eucjp', '\xa5\xc6', 'テ'],
    ['cp936', '\xca\xe9', '书'],
    ['cp949', '\xbc\xad', '서'],
    ['latin-1', '\xe9', 'é'],
    ['8859', '\xe9', 'é'],
    ['l1', '\x80', '\u0080'],
  ])('reads text in %s', async (charset, bytes, text) => {
    const answer = await json(Buffer.from(`"${bytes}"`, 'latin1'), `application/json; charset=${charset}`);
    expect(answer.json.data).toBe(text);
  });

  it.each([
    ['utf-16le', wide(2, 'LE', [0xfeff, ...euro])],
    ['utf-16', wide(2, 'LE', [0x22, 0xd800, 0x22])],
    ['utf-32', wide(4, 'LE', [0x22, 0x110000, 0x22])],
    ['utf-32', Buffer.from('"€"')],
    ['cp1252', Buffer.from('"\x81"', 'latin1')],
    ['utf-8-sig', Buffer.from('"\xff"', 'latin1')],
  ])('refuses what is no text in %s, and a byte order mark that is part of it', async (charset, body) => {
    expect((await json(body, `application/json; charset=${charset}`)).status).toBe(400);
  });

  it.each(['bz2', 'HEX', 'base64', 'rot13', 'zlib'])('refuses %s, which encodes no text (PA06)', async (charset) => {
    const text = `Unsupported charset "${charset}" in request Content-Type header.`;
    const form = `application/x-www-form-urlencoded; charset=${charset}`;
    expect((await json('{}', `application/json; charset=${charset}`)).json).toEqual({ detail: text });
    expect((await post(siteWith(null), typed(form, 'a=1'))).json).toEqual({ detail: text });
  });

  it('refuses bytes that are no text of the charset', async () => {
    const answer = await json(Buffer.from([0x22, 0xff, 0x22]));
    expect(answer.status).toBe(400);
    expect(answer.json.detail).toBe('JSON parse error - the body is not utf-8');
  });

  it('reads hostile texts in time that grows with their length', async () => {
    for (const text of [
      '"\\"'.repeat(400_000),
      `${'1'.repeat(16)},${'"\\'.repeat(500_000)}`,
      '\\u00'.repeat(400_000),
    ]) {
      expect((await json(text)).status).toBe(400);
    }
  });
});

describe('FormParser (PA03)', () => {
  const form = (body: string | Buffer, type = 'application/x-www-form-urlencoded', settings: Partial<Settings> = {}) =>
    post(siteWith([FormParser], settings), typed(type, body));

  it.each([
    ['a=1&b=&a=2', { a: ['1', '2'], b: [''] }],
    ['a=%C3%A9+x%26y&b=1%3D2', { a: ['é x&y'], b: ['1=2'] }],
    ['a=1&&b=2&', { a: ['1'], b: ['2'] }],
    ['a&b=', { a: [''], b: [''] }],
    ['a=%zz%4', { a: ['%zz%4'] }],
    ['a=é', { a: ['é'] }],
    ['a=1;b=2', { a: ['1;b=2'] }],
    ['__proto__=x&constructor=y', { ['__proto__']: ['x'], constructor: ['y'] }],
  ])('reads %s', async (body, expected) => {
    expect(Object.entries((await form(body)).json.form)).toEqual(Object.entries(expected));
  });

  it('reads escapes in the charset of the Content-Type', async () => {
    const type = 'application/x-www-form-urlencoded; charset=';
    expect((await form('a=%E9', `${type}iso-8859-1`)).json.form).toEqual({ a: ['é'] });
    expect((await form(Buffer.from('a=é', 'latin1'), `${type}latin-1`)).json.form).toEqual({ a: ['é'] });
    expect((await form('a=%8F%91%93X', `${type}shift_jis`)).json.form).toEqual({ a: ['書店'] });
    expect((await form('a=%80%81', `${type}cp1252`)).json.form).toEqual({ a: ['€\ufffd'] });
    expect((await form(Buffer.from('\ufeffa=1'), `${type}utf-8-sig`)).json.form).toEqual({ a: ['1'] });
    expect((await form(Buffer.from('a=é&é=%E9%00', 'utf16le'), `${type}utf-16le`)).json.form).toEqual({
      a: ['é'],
      é: ['é'],
    });
    expect((await form('a=%C3%A9', `${type}nosuchcharset`)).json.form).toEqual({ a: ['é'] });
  });

  it('replaces what is no text of the charset', async () => {
    expect((await form('a=%FF')).json.form).toEqual({ a: ['\ufffd'] });
    expect((await form('a=%E9', 'application/x-www-form-urlencoded; charset=ascii')).json.form).toEqual({
      a: ['\ufffd'],
    });
  });

  it('takes bytes that are no text of the charset for Latin-1, but not their escapes', async () => {
    expect((await form(Buffer.from('a=é&é=%C3%A9+%FF', 'latin1'))).json.form).toEqual({ a: ['é'], é: ['é \ufffd'] });
  });

  it('refuses more fields than the project allows', async () => {
    expect((await form('a=1&b=2&c=3', undefined, { dataUploadMaxNumberFields: 2 })).json).toEqual({
      detail: 'The number of form fields exceeds the limit.',
    });
    expect((await form('a=1&b=2', undefined, { dataUploadMaxNumberFields: 2 })).status).toBe(200);
  });
});

describe('MultiPartParser (PA04)', () => {
  const part = (headers: string, content: string) => `--xx\r\n${headers}\r\n\r\n${content}\r\n`;
  const field = (name: string, value: string) => part(`Content-Disposition: form-data; name="${name}"`, value);
  const file = (name: string, filename: string, content: string, type = 'text/plain') =>
    part(`Content-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: ${type}`, content);
  const multipart = (
    body: string | Buffer,
    settings: Partial<Settings> = {},
    type = 'multipart/form-data; boundary=xx',
  ) => post(siteWith([MultiPartParser], settings), typed(type, body));

  it('reads fields, repeated and empty ones too', async () => {
    const body = `${field('a', '1')}${field('b', 'é')}${field('a', '2')}${field('empty', '')}--xx--\r\n`;
    expect((await multipart(body)).json).toEqual({ form: { a: ['1', '2'], b: ['é'], empty: [''] }, files: [] });
  });

  it('reads files beside fields, and puts them into the data as well', async () => {
    class Names extends APIView {
      override post(request: Request) {
        return { data: [...request.data.keys()], post: [...request.post.keys()], size: request.data.get('doc').size };
      }
    }
    const body = `${field('a', '1')}${file('doc', 'notes.txt', 'hello')}--xx--`;
    expect((await post(new TestSite(Names), typed('multipart/form-data; boundary=xx', body))).json).toEqual({
      data: ['a', 'doc'],
      post: ['a'],
      size: 5,
    });
    expect((await multipart(body)).json.files).toEqual([['doc', 'notes.txt', 5, 'text/plain', 'hello']]);
  });

  it.each([
    ['../../etc/passwd.txt', 'passwd.txt'],
    ['C:\\Users\\me\\a.txt', 'a.txt'],
    ['é.txt', 'é.txt'],
    [`${'x'.repeat(300)}.txt`, `${'x'.repeat(251)}.txt`],
    [`${'📚'.repeat(300)}.txt`, `${'📚'.repeat(251)}.txt`],
    [' a.txt ', ' a.txt '],
    [' ', ' '],
    ['a\x01\u202e\u00a0b\u3000.txt', 'ab.txt'],
    ['R&amp;D &#233;&#xE9;&eacute;.txt', 'R&D ééé.txt'],
    ['&copy 2024 &amp;amp;', '© 2024 &amp;'],
    ['&sol;etc&#47;&bsol;passwd', 'passwd'],
    ['&#0;&#xD800;&#x80;.txt', '\ufffd\ufffd€.txt'],
    ['a&b;c', 'a&b;c'],
  ])('calls the file %j what a file may be called', async (sent, kept) => {
    expect((await multipart(`${file('doc', sent, 'x')}--xx--`)).json.files[0][1]).toBe(kept);
  });

  it.each(['..', '/', '.', 'a/', '&#46;.', 'a&sol;', '\u200b'])('leaves out a file whose name is %j', async (name) => {
    expect((await multipart(`${file('doc', name, '')}--xx--`)).json).toEqual({ form: {}, files: [] });
  });

  it.each([
    ["filename=plain.txt; filename*=utf-8''b%C3%A9.txt", 'bé.txt'],
    ["filename*=utf-8'en'b%20c; filename=plain.txt", 'b c'],
    ["filename*=cp1252''%80.txt", '€.txt'],
    ["filename*=shift_jis''%83e", 'テ'],
    ["filename*=utf-8''..%2Fa", 'a'],
    ["filename*=klingon''x; filename=plain.txt", 'plain.txt'],
    ["filename*=klingon''%41", '%41'],
    ['filename*=x', 'x'],
    ['FILENAME =  a.txt  ', 'a.txt'],
    ['filename="a;b\\"c.txt"', 'a;b"c.txt'],
    ['filename=voilà', 'voilà'],
    ['filename="a.txt', '"a.txt'],
  ])('reads the name in %s', async (parameters, name) => {
    const body = `${part(`Content-Disposition: form-data; name="doc"; ${parameters}`, 'x')}--xx--`;
    expect((await multipart(body)).json.files).toEqual([['doc', name, 1, '', 'x']]);
  });

  it.each([
    ['', ''],
    ['\r\nContent-Type: Image/PNG', 'image/png'],
    ['\r\ncontent-type:text/html; charset=utf-8', 'text/html'],
    ['\r\nContent-Type:', ''],
  ])('knows the media type of a file with the headers %j', async (headers, type) => {
    const body = `${part(`Content-Disposition: form-data; name="doc"; filename="a"${headers}`, 'x')}--xx--`;
    expect((await multipart(body)).json.files).toEqual([['doc', 'a', 1, type, 'x']]);
  });

  it('reads names and values in the charset of the body, a value in its own', async () => {
    const type = 'multipart/form-data; boundary=xx; charset=iso-8859-1';
    const own = part('Content-Disposition: form-data; name="own"\r\nContent-Type: text/plain; charset=koi8-r', '\xd6');
    const body = Buffer.from(`${field('é', 'é')}${file('doc', 'é.txt', 'x')}${own}--xx--`, 'latin1');
    expect((await multipart(body, {}, type)).json).toMatchObject({
      form: { é: ['é'], own: ['ж'] },
      files: [['doc', 'é.txt', 1, 'text/plain', 'x']],
    });
    expect((await multipart(Buffer.from(`${field('a', 'é')}--xx--`, 'latin1'))).json.form).toEqual({ a: ['\ufffd'] });
  });

  it('takes a file input left empty for an empty field', async () => {
    expect((await multipart(`${file('doc', '', '')}--xx--`)).json).toEqual({ form: { doc: [''] }, files: [] });
  });

  it('reads files of no bytes, and files of one name', async () => {
    const body = `${file('doc', 'a.txt', '')}${file('doc', 'b.txt', 'b')}--xx--`;
    expect((await multipart(body)).json.files).toEqual([
      ['doc', 'a.txt', 0, 'text/plain', ''],
      ['doc', 'b.txt', 1, 'text/plain', 'b'],
    ]);
  });

  it('reads base64 where a part says so', async () => {
    const headers = 'Content-Disposition: form-data; name="doc"; filename="a"\r\nContent-Transfer-Encoding: base64';
    const body = `${part(headers, 'aGVsbG8=')}${part('Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64', 'aMOp')}--xx--`;
    expect((await multipart(body)).json).toMatchObject({
      form: { a: ['hé'] },
      files: [['doc', 'a', 5, '', 'hello']],
    });
  });

  it('refuses a file that is cut off in its base64, and takes such a field as it is', async () => {
    const encoded = (disposition: string) =>
      part(`Content-Disposition: form-data; name="a"${disposition}\r\nContent-Transfer-Encoding: base64`, 'aGVsb');
    expect((await multipart(`${encoded('; filename=a')}--xx--`)).json).toEqual({
      detail: 'Multipart form parse error - Could not decode base64 data.',
    });
    expect((await multipart(`${encoded('')}--xx--`)).json.form).toEqual({ a: ['aGVsb'] });
  });

  it('takes whatever part has a name, and ignores the others', async () => {
    const parts = [
      part('Content-Type: text/plain', 'x'),
      part('Content-Disposition: form-data; filename=a', 'x'),
      part('no header', 'x'),
      '--xx\r\nContent-Disposition: form-data; name="cut"\r\n',
      part('Content-Disposition: attachment; name="b"', '2'),
      part(' folded: x\r\nContent-Disposition: form-data; name=" c "', ''),
      part('Content-Disposition: form-data; name=""', '3'),
      field('a', '1'),
    ];
    expect((await multipart(`${parts.join('')}--xx--`)).json).toEqual({
      form: { b: ['2'], c: [''], '': ['3'], a: ['1'] },
      files: [],
    });
  });

  it.each([
    ['text around the parts', `before\r\n${field('a', '1')}--xx--after\r\n${field('a', '2')}--xx--`],
    ['blanks behind a boundary', field('a', '1').replace('--xx', '--xx \t').concat('--xx--')],
    ['line feeds before boundaries', `\n${field('a', '1').replace(/\r\n$/, '\n')}--xx--\n`],
    ['a last boundary without dashes', `${field('a', '1')}--xx\r\n`],
    ['a last boundary that ends the body', `${field('a', '1')}--xx`],
  ])('reads a body with %s', async (_what, body) => {
    expect((await multipart(body)).json).toEqual({ form: { a: ['1'] }, files: [] });
  });

  it.each(['x', '--xx--', '--xx', '--xy\r\n\r\n1\r\n--xy--', 'a--xx'])('finds nothing in %j', async (body) => {
    expect((await multipart(body)).json).toEqual({ form: {}, files: [] });
  });

  it('keeps line breaks, and what looks like a boundary inside a line', async () => {
    const value = '\r\n--x\r\n 1--xx--\r\n\r\n';
    expect((await multipart(`${field('a', value)}--xx--`)).json.form).toEqual({ a: [value] });
  });

  it.each([
    ['multipart/form-data; boundary="xx"', 200],
    ['Multipart/Form-Data; Boundary=xx', 200],
    ['multipart/form-data; boundary=', 400],
    ['multipart/form-data; boundary="xx "', 400],
    ['multipart/form-data; boundary=é', 400],
    [`multipart/form-data; boundary=${'x'.repeat(202)}`, 400],
    ['*/*; boundary=xx', 400],
  ])('answers the type %s with %i', async (type, status) => {
    expect((await multipart(`${field('a', '1')}--xx--`, {}, type)).status).toBe(status);
  });

  it.each([
    ['no boundary', 'x', 'multipart/form-data', 'Invalid boundary in multipart: None'],
    ['an end too early', field('a', '1'), undefined, 'Unexpected end of multipart data'],
    [
      'an end inside a file',
      '--xx\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\nabc',
      undefined,
      'Unexpected end of multipart data',
    ],
    [
      'headers without end',
      `${part(`Content-Disposition: form-data; name="a"\r\nX: ${'x'.repeat(20_000)}`, '1')}--xx--`,
      undefined,
      'the headers of a part are too long',
    ],
  ])('refuses a body with %s', async (_what, body, type, reason) => {
    const answer = await multipart(body, {}, type);
    expect(answer.status).toBe(400);
    expect(answer.json.detail).toMatch(new RegExp(`^Multipart form parse error - ${reason}`));
  });

  it('refuses more fields, files and bytes than the project allows', async () => {
    const many = `${field('a', '1')}${field('b', '2')}${file('c', 'c', '3')}${file('d', 'd', '4')}--xx--`;
    expect((await multipart(many, { dataUploadMaxNumberFields: 1 })).json.detail).toMatch(/too many fields/);
    expect((await multipart(many, { dataUploadMaxNumberFiles: 1 })).json.detail).toMatch(/too many files/);
    expect((await multipart(many, { fileUploadMaxSize: 100 })).status).toBe(413);
    const long = `${field('a', 'x'.repeat(60))}${field('b', 'x'.repeat(60))}--xx--`;
    expect((await multipart(long, { dataUploadMaxMemorySize: 100 })).status).toBe(413);
    expect((await multipart(long, { dataUploadMaxMemorySize: 120 })).status).toBe(200);
  });

  it('takes a body larger than other bodies may be', async () => {
    const answer = await multipart(`${file('doc', 'a', 'x'.repeat(3_000_000))}--xx--`);
    expect(answer.json.files[0][2]).toBe(3_000_000);
  });

  it('reads hostile bodies in time that grows with their length', async () => {
    const dashes = `--${'-'.repeat(190)}x`;
    for (const body of [
      'a--xx'.repeat(400_000),
      '\n--xx\r\n'.repeat(400_000),
      `--xx\r\nContent-Disposition: ${'; filename*='.repeat(1000)}${'"'.repeat(3000)}\r\n\r\n\r\n--xx--`,
      `--xx\r\nContent-Disposition: form-data; name=a; filename="${'&amp'.repeat(3000)}"\r\n\r\n\r\n--xx--`,
    ]) {
      expect([200, 400]).toContain((await multipart(body)).status);
    }
    const type = `multipart/form-data; boundary=${dashes.slice(2)}`;
    expect((await multipart('-'.repeat(2_000_000), {}, type)).status).toBe(200);
  });

  it('survives any bytes', async () => {
    for (let seed = 1; seed < 60; seed += 1) {
      const bytes = Buffer.from(Array.from({ length: 200 }, (_, at) => (at * at * seed + seed * 7) % 256));
      const pieces = Buffer.concat([Buffer.from('--xx\r\nContent-Disposition: form-data; name="a"\r\n\r\n'), bytes]);
      expect([200, 400]).toContain((await multipart(pieces)).status);
    }
  });
});

describe('FileUploadParser (PA05)', () => {
  const site = siteWith([FileUploadParser]);
  const upload = (disposition: string | null, at = '/') =>
    site.send({
      method: 'POST',
      path: at,
      headers: { 'content-type': 'text/x', ...(disposition === null ? {} : { 'content-disposition': disposition }) },
      body: 'raw text',
    });

  it.each([
    ['attachment; filename="notes.txt"', 'notes.txt'],
    ['attachment; filename=notes.txt', 'notes.txt'],
    ['attachment; filename="a;b\\"c.txt"', 'a;b"c.txt'],
    ["attachment; filename*=utf-8''na%C3%AFve.txt", 'naïve.txt'],
    ['inline; filename="plain.txt"; filename*=utf-8\'en\'better.txt', 'better.txt'],
    ["inline; filename*=iso-8859-1''%E9.txt; filename=plain.txt", 'é.txt'],
    ["inline; filename*=cp1252''%80; filename=plain.txt", '€'],
    ["inline; filename*=klingon''x; filename=plain.txt", 'plain.txt'],
    ["inline; filename=plain.txt; filename*=klingon''x", 'x'],
    ["inline; filename*=klingon''%41", '%41'],
    ["inline; filename*=''%41", 'A'],
    ['inline; filename*=x', 'x'],
    ['inline; filename*=x; filename=plain.txt', 'plain.txt'],
    [Buffer.from('attachment; filename="é.txt"').toString('latin1'), 'é.txt'],
    ['attachment; filename="\u00e9.txt"', 'é.txt'],
    ['attachment; FileName="UP.txt"', 'UP.txt'],
    ['attachment; filename="../../etc/passwd"', 'passwd'],
    ['attachment; filename=" "', ' '],
    ['attachment; filename=" a.txt "', ' a.txt '],
    ['attachment; filename=R&amp;D', 'R&amp'],
    ["attachment; filename*=utf-8''a%00%0Ab", 'ab'],
  ])('takes the name from %s', async (disposition, name) => {
    expect((await upload(disposition)).json.files).toEqual([['file', name, 8, 'text/x', 'raw text']]);
  });

  it.runIf(sep === '/')('keeps what separates folders on other systems', async () => {
    expect((await upload('attachment; filename="a\\b"')).json.files[0][1]).toBe('a\\b');
  });

  it('prefers the name in the URL', async () => {
    const answer = await upload('attachment; filename="notes.txt"', '/upload/given.bin/');
    expect(answer.json.files[0][1]).toBe('given.bin');
  });

  it.each([
    [null],
    ['attachment'],
    ['attachment; filename=""'],
    ['attachment; filename=".."'],
    ['attachment; filename="a/"'],
    ["attachment; filename*=utf-8''%00"],
    ["attachment; filename*=utf-8''%2e%2e"],
  ])('refuses a body with the disposition %s', async (disposition) => {
    const answer = await upload(disposition);
    expect(answer.status).toBe(400);
    expect(answer.json).toEqual({
      detail: 'Missing filename. Request should include a Content-Disposition header with a filename parameter.',
    });
  });

  it('shows the file in the data too', async () => {
    class Show extends APIView {
      override post({ data }: Request) {
        return data.get('file').bytes().length;
      }
    }
    parserClasses(FileUploadParser)(Show);
    const headers = { 'content-type': 'image/png', 'content-disposition': 'attachment; filename=a.png' };
    expect((await post(new TestSite(Show), { headers, body: 'abc' })).json).toBe(3);
  });
});

describe("a parser of one's own (PA07)", () => {
  class CsvParser extends BaseParser {
    readonly mediaType = 'text/csv';
    seen: ParserContext | undefined;
    override async parse(body: Buffer, contentType: string, context: ParserContext): Promise<ParsedBody> {
      return {
        data: {
          rows: body.toString().split('\n'),
          contentType,
          view: context.view.constructor.name,
          params: context.params,
          same: context.request.view === context.view,
        },
      };
    }
  }

  it('is given body, type, view, request and the arguments of the URL', async () => {
    const answer = await siteWith([CsvParser]).send({
      ...typed('text/csv; header=present', 'a\nb'),
      method: 'POST',
      path: '/upload/x/',
    });
    expect(answer.json.data).toEqual({
      rows: ['a', 'b'],
      contentType: 'text/csv; header=present',
      view: 'Echo',
      params: { filename: 'x' },
      same: true,
    });
  });
});
