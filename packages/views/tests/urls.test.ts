import { ImproperlyConfigured } from '@rf/exceptions';
import {
  APIView,
  formatSuffixPatterns,
  include,
  JSONRenderer,
  NoReverseMatch,
  path,
  BaseRenderer,
  rendererClasses,
  replaceQueryParam,
  removeQueryParam,
  type Request,
  reverse,
  StaticHTMLRenderer,
  UrlPattern,
  UrlResolver,
} from '@rf/views';
import { describe, expect, it } from 'vitest';
import { TestSite } from './test-site.ts';

class Look extends APIView {
  override get(_request: Request, params: Readonly<Record<string, string>>) {
    return { ...params };
  }
}

describe('UrlPattern', () => {
  it.each([
    ['/books/', '/books/', {}],
    ['/books/:pk/', '/books/7/', { pk: '7' }],
    ['/books/:pk/', '/books/a.b/', { pk: 'a.b' }],
    ['/books/:pk/', '/books//', null],
    ['/books/:pk/', '/books/a/b/', null],
    ['/books/:pk(\\d+)/', '/books/7/', { pk: '7' }],
    ['/books/:pk(\\d+)/', '/books/x/', null],
    ['/books/:pk(^\\d+$)/', '/books/7/', { pk: '7' }],
    ['/:lang(en|de)/x', '/de/x', { lang: 'de' }],
    ['/:lang((en|de)-(at|us))/x', '/de-at/x', { lang: 'de-at' }],
    ['/:a-:b/', '/x-y/', { a: 'x', b: 'y' }],
    ['/:path(.*)', '/a/b/c', { path: 'a/b/c' }],
    ['/a.b', '/axb', null],
  ])('%s on %s', (pattern, target, params) => {
    const found = new UrlPattern(pattern).match(target);
    expect(found === null ? null : { ...found }).toEqual(params);
  });

  it.each([
    ['books/', /must start with "\/": write path\('\/books\/', …\)/],
    ['/a/:/', /":" without a name at position 3/],
    ['/:a(\\d+/', /unclosed "\(" at position 3/],
    ['/a/*', /has a "\*" at position 3; .* write :rest\(\.\*\)/],
    ['/:a/:a/', /two parameters called a/],
    ['/books/<int:pk>/', /has brackets, which no URL has. Write a parameter as ":pk" or ":pk\(\\d\+\)"/],
    ['/books/{pk}/', /has brackets/],
  ])('%s is refused', (pattern, message) => {
    expect(() => new UrlPattern(pattern)).toThrow(ImproperlyConfigured);
    expect(() => new UrlPattern(pattern)).toThrow(message);
  });

  it.each([
    ['/books/:pk(\\d+)/', '/books/()/', '/books/:p1(^(?:\\d+)$)/', true],
    ['/books/:slug/', '/books/()/', '/books/:p1(^(?:[^/]+)$)/', true],
    ['/page.:format([a-z0-9]+)', '/page.()', '/page.:p1(^(?:[a-z0-9]+)$)', true],
    ['/files/:path(.*)/edit', '/files/*', '/files/*', false],
    ['/files/x-:path(.+)', '/files/*', '/files/*', false],
    ['/files/:path([^.]+)', '/files/*', '/files/*', false],
    ['/plain/', '/plain/', '/plain/', true],
  ])('%s has the shape %s for a router', (text, shape, routerPath, isRouted) => {
    const pattern = new UrlPattern(text);
    expect([pattern.routerShape, pattern.routerPath, pattern.isRouted]).toEqual([shape, routerPath, isRouted]);
  });

  it('fills in arguments, percent-encoded as Django does', () => {
    const fill = (pattern: string, params: Record<string, unknown>) => new UrlPattern(pattern).fill(params);
    expect(fill('/books/:pk/', { pk: 7 })).toBe('/books/7/');
    expect(fill('/t/:slug/', { slug: 'é ?#%:@&=+$,;' })).toBe('/t/%C3%A9%20%3F%23%25:@&=+$,;/');
    expect(fill('/:path(.*)', { path: 'a/b' })).toBe('/a/b');
    expect(fill('/:path(.*)', { path: '/evil.com' })).toBe('/%2Fevil.com');
    expect(fill('/books/:pk/', {})).toBe(null);
    expect(fill('/books/:pk/', { pk: 1, other: 2 })).toBe(null);
    expect(fill('/books/:pk(\\d+)/', { pk: 'x' })).toBe(null);
    expect(fill('/books/:pk/', { pk: null })).toBe(null);
  });
});

describe('UrlResolver', () => {
  const urls = new UrlResolver([
    path('/books/', Look, { name: 'list' }),
    path('/books/new/', Look, { name: 'new' }),
    path('/books/:pk/', Look, { name: 'detail' }),
    include(
      '/v1',
      [
        path('/x/:pk/', Look, { name: 'x' }),
        include('/in/', [path('/y/', Look, { name: 'y' })], { namespace: 'inner' }),
      ],
      { namespace: 'v1' },
    ),
    path('/:any/', Look),
    path('/over/', Look, { name: 'over' }),
    path('/over/:a/', Look, { name: 'over' }),
    path('/over/:a/:b/', Look, { name: 'over' }),
  ]);

  it.each([
    ['/books/', 'list', {}],
    ['/books/new/', 'new', {}],
    ['/books/3/', 'detail', { pk: '3' }],
    ['/v1/x/2/', 'v1:x', { pk: '2' }],
    ['/v1/in/y/', 'v1:inner:y', {}],
    ['/else/', null, { any: 'else' }],
  ])('finds %s', (target, name, params) => {
    const match = urls.resolve(target);
    expect([match?.viewName, { ...match?.params }]).toEqual([name, params]);
  });

  it('takes the first of several that match', () => {
    expect(urls.resolve('/over/')?.route.pattern.text).toBe('/:any/');
  });

  it('finds nothing for other URLs', () => {
    for (const target of ['/', '/books', '/v1/x/', '/a/b/c/d/']) expect(urls.resolve(target)).toBe(null);
  });

  it('makes paths by name and arguments', () => {
    expect(urls.reverse('list')).toBe('/books/');
    expect(urls.reverse('detail', { pk: 5 })).toBe('/books/5/');
    expect(urls.reverse('v1:inner:y')).toBe('/v1/in/y/');
    expect([urls.reverse('over'), urls.reverse('over', { a: 1 }), urls.reverse('over', { b: 2, a: 1 })]).toEqual([
      '/over/',
      '/over/1/',
      '/over/1/2/',
    ]);
    expect([urls.has('list'), urls.has('nope')]).toEqual([true, false]);
  });

  it.each([
    ['nope', {}, /No URL for "nope" with no arguments: no URL has that name/],
    ['detail', { id: 1n }, /No URL for "detail" with id=1: its patterns are \/books\/:pk\//],
  ])('says what is wrong with %s', (name, params, message) => {
    expect(() => urls.reverse(name, params)).toThrow(NoReverseMatch);
    expect(() => urls.reverse(name, params)).toThrow(message);
  });

  it('refuses what is no URL entry', () => {
    expect(() => new UrlResolver([undefined as never])).toThrow(/write path\(…\) or include\(…\)/);
    expect(() => include('/x/', path('/a', Look) as never)).toThrow(/takes a list of path\(\) and include\(\) values/);
  });
});

describe('reverse (RV01)', () => {
  const site = new TestSite([
    path('/here/', Look),
    path('/books/:pk/', Look, { name: 'book' }),
    path('/books/:pk.:format/', Look, { name: 'book' }),
  ]);
  const link = (target: string, options: { format?: string } = {}) =>
    reverse('book', {
      params: { pk: 1 },
      request: site.request({ path: target, headers: { host: 'shop.test:8000' } }),
      ...options,
    });

  it('is absolute, with the scheme and host of the request', () => {
    expect(link('/here/')).toBe('http://shop.test:8000/books/1/');
  });

  it('keeps the format of the request, and sorts the query', () => {
    expect(link('/here/?a=1&format=json')).toBe('http://shop.test:8000/books/1/?format=json');
  });

  it('takes a format of its own', () => {
    expect(link('/here/', { format: 'json' })).toBe('http://shop.test:8000/books/1.json/');
  });
});

describe('replaceQueryParam and removeQueryParam', () => {
  it.each([
    ['/x/', '/x/?page=2'],
    ['/x/?b=&a=1&a=0', '/x/?a=1&a=0&b=&page=2'],
    ['/x/?page=1#top', '/x/?page=2#top'],
    ['/x/?q=a+b%2F%C3%A9', '/x/?page=2&q=a+b%2F%C3%A9'],
    ['http://h:1/x/?z', 'http://h:1/x/?page=2&z='],
  ])('set a parameter in %s', (url, expected) => {
    expect(replaceQueryParam(url, 'page', 2)).toBe(expected);
  });

  it('take one away', () => {
    expect(removeQueryParam('/x/?page=2', 'page')).toBe('/x/');
    expect(removeQueryParam('/x/?b=1&page=2&a=2', 'page')).toBe('/x/?a=2&b=1');
  });
});

describe('formatSuffixPatterns (FS01, FS02, FS03)', () => {
  class Text extends BaseRenderer {
    readonly mediaType = 'text/plain';
    readonly format = 'txt';
    override render(_data: unknown): string {
      return 'text';
    }
  }
  @rendererClasses(JSONRenderer, Text, StaticHTMLRenderer)
  class Multi extends Look {}

  const site = new TestSite([
    include(
      '/api/',
      formatSuffixPatterns([
        path('/', Multi, { name: 'root' }),
        path('/books', Multi, { name: 'books' }),
        include('/in/', [path('/:pk([^/.]+)/', Multi, { name: 'pk' })]),
      ]),
    ),
    ...formatSuffixPatterns([path('/limited', Multi)], { allowed: ['json', 'txt'] }),
    ...formatSuffixPatterns([path('/needed/', Multi)], { suffixRequired: true }),
    ...formatSuffixPatterns([path('/', Multi)]),
  ]);

  it.each([
    ['/api/books', '{}'],
    ['/api/books.json', '{"format":"json"}'],
    ['/api/books.json/', '{"format":"json"}'],
    ['/api/books.txt', 'text'],
    ['/api/in/5/', '{"pk":"5"}'],
    ['/api/in/5.json', '{"pk":"5","format":"json"}'],
    ['/api/in/5.json/', '{"pk":"5","format":"json"}'],
    ['/api/', '{}'],
    ['/api/.json', '{"format":"json"}'],
    ['/.json', '{"format":"json"}'],
    ['/limited.txt', 'text'],
    ['/needed.json', '{"format":"json"}'],
  ])('%s is answered', async (target, text) => {
    expect((await site.get(target)).text).toBe(text);
  });

  it('answers 404 for a suffix that no renderer has', async () => {
    expect((await site.get('/api/books.xml')).status).toBe(404);
  });

  it.each(['/api/books/', '/limited.html', '/needed/', '/api/books.JSON', '/api/books.'])(
    'does not know %s',
    (target) => {
      expect(site.urls.resolve(target)).toBe(null);
    },
  );

  it('makes links with a format, without a slash after it', () => {
    expect(site.urls.reverse('books')).toBe('/api/books');
    expect(site.urls.reverse('books', { format: 'json' })).toBe('/api/books.json');
    expect(site.urls.reverse('pk', { pk: 1, format: 'txt' })).toBe('/api/in/1.txt');
  });

  it('refuses suffixes of other characters', () => {
    expect(() => formatSuffixPatterns([], { allowed: ['JSON'] })).toThrow(
      /holds "JSON": a suffix is made of lower-case letters and digits/,
    );
  });

  it('renames the argument', async () => {
    const renamed = new TestSite(formatSuffixPatterns([path('/x', Multi)], { kwarg: 'as' }), {
      formatSuffixKwarg: 'as',
    });
    expect((await renamed.get('/x.txt')).text).toBe('text');
  });
});
