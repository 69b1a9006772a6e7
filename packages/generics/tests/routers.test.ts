import {
  action,
  APIRootView,
  DefaultRouter,
  DynamicRoute,
  ModelViewSet,
  ReadOnlyModelViewSet,
  Route,
  SimpleRouter,
  ViewSet,
} from '@rf/generics';
import { ImproperlyConfigured } from '@rf/exceptions';
import {
  BaseRenderer,
  include,
  IsAuthenticated,
  JSONRenderer,
  type Params,
  type Request,
  URLPathVersioning,
} from '@rf/views';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ShopServer } from './fixtures/server.ts';
import { Book, BookSerializer, Tag, TagSerializer } from './fixtures/shop.ts';

class Tags extends ModelViewSet<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;

  @action({ detail: false }) recent() {
    return 'recent';
  }
  @action({ detail: true, urlPath: 'in/:lang', urlName: 'in' }) inLanguage(_request: Request, params: Params) {
    return params;
  }
}
class BySlug extends ReadOnlyModelViewSet<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;
  override lookupField = 'slug';
  override lookupUrlKwarg = 'name';
  override lookupValueRegex = '[a-h]+';
}
class ByNumber extends ReadOnlyModelViewSet<Book> {
  override queryset = Book;
  override serializerClass = BookSerializer;
  override lookupValueConverter = 'int';
}
class ByAnything extends ReadOnlyModelViewSet<Book> {
  override queryset = Book;
  override serializerClass = BookSerializer;
  override lookupField = 'title';
}
class Nameless extends ViewSet {
  list() {
    return [];
  }
}
class Detached extends ViewSet {
  retrieve(_request: Request, { pk }: Params) {
    return { pk };
  }
}
class TextRenderer extends BaseRenderer {
  override readonly mediaType = 'text/plain';
  override readonly format = 'txt';
  override render(data: unknown) {
    return JSON.stringify(data);
  }
}

/** URLs without a slash, no list, a word in front of extra actions (RT06). */
class WordRouter extends SimpleRouter {
  override routes = [
    new Route({
      url: '/{prefix}/{lookup}',
      mapping: { get: 'retrieve' },
      name: '{basename}-one',
      detail: true,
      initial: { suffix: 'Only' },
    }),
    new DynamicRoute({
      url: '/{prefix}/{lookup}/do/{urlPath}',
      name: '{basename}-do-{urlName}',
      detail: true,
      initial: {},
    }),
  ];
  override getDefaultBasename() {
    return 'word';
  }
  override getLookupPattern() {
    return ':pk([0-9]+)';
  }
}

const simple = new SimpleRouter();
simple.register('tags', Tags);
simple.register('slugs', BySlug, { basename: 'slug' });
simple.register('numbers', ByNumber);
simple.register('titles', ByAnything, { basename: 'title' });

const unslashed = new SimpleRouter({ trailingSlash: false });
unslashed.register('tags', Tags);

const main = new DefaultRouter();
main.register('tags', Tags, { basename: 'main' });
main.register('nameless', Nameless, { basename: 'nameless' });
main.register('detached', Detached, { basename: 'detached' });

const rootless = new DefaultRouter();
rootless.includeRootView = false;
rootless.includeFormatSuffixes = false;
rootless.register('', Tags, { basename: 'rootless' });

class OwnRoot extends APIRootView {
  override description = 'Ours';
}
const styled = new DefaultRouter({ rootRenderers: [TextRenderer], trailingSlash: false });
styled.rootView = OwnRoot;
styled.rootViewName = 'styled-root';
styled.register('tags', Tags, { basename: 'styled' });

const words = new WordRouter();
words.register('tags', Tags);

const versioned = new DefaultRouter();
versioned.register('tags', Tags, { basename: 'tag' });

let shop: ShopServer;
beforeAll(async () => {
  shop = await ShopServer.start(
    [
      include('/simple/', simple.urls, { namespace: 'simple' }),
      include('/unslashed/', unslashed.urls, { namespace: 'unslashed' }),
      include('/main/', main.urls),
      include('/rootless/', rootless.urls),
      include('/styled/', styled.urls, { namespace: 'styled' }),
      include('/words/', words.urls),
      include('/of/:version(v1|v2)/', versioned.urls, { namespace: 'of' }),
    ],
    { defaultRendererClasses: [JSONRenderer, TextRenderer] },
  );
  await shop.reset();
});
afterAll(() => shop.close());

const statusOf = async (at: string): Promise<number> => (await shop.get(at)).status;

describe('SimpleRouter', () => {
  test('makes a URL of the list, one of each object and one of each extra action, with names (RT01, RT05)', () => {
    const { urls } = shop.site;

    expect(urls.reverse('simple:tag-list')).toBe('/simple/tags/');
    expect(urls.reverse('simple:tag-detail', { pk: 1 })).toBe('/simple/tags/1/');
    expect(urls.reverse('simple:tag-recent')).toBe('/simple/tags/recent/');
    expect(urls.reverse('simple:tag-in', { pk: 1, lang: 'fr' })).toBe('/simple/tags/1/in/fr/');
  });

  test('answers extra actions before it takes their names for keys', async () => {
    expect((await shop.get('/simple/tags/recent/')).json).toBe('recent');
    expect((await shop.get('/simple/tags/1/in/fr/')).json).toEqual({ pk: '1', lang: 'fr' });
  });

  test('wants the slash at the end, or with trailingSlash: false wants none', async () => {
    expect([await statusOf('/simple/tags/'), await statusOf('/simple/tags')]).toEqual([200, 404]);
    expect([await statusOf('/unslashed/tags'), await statusOf('/unslashed/tags/')]).toEqual([200, 404]);
    expect(await statusOf('/unslashed/tags/1')).toBe(200);
  });

  test('takes lookups by field, argument, pattern and converter (RT04)', async () => {
    expect(await shop.countStatements(() => shop.get('/simple/slugs/history/'))).toBe(0);
    expect((await shop.get('/simple/slugs/abc/')).json).toEqual({ detail: 'No Tag matches the given query.' });
    expect(await statusOf('/simple/numbers/1/')).toBe(200);
    expect(await shop.countStatements(() => shop.get('/simple/numbers/x1/'))).toBe(0);
    expect(await statusOf('/simple/titles/Amber%20Fields/')).toBe(200);
    expect(await statusOf('/simple/titles/100%25%20Tea/')).toBe(200);
    expect(await statusOf('/simple/titles/a.b/')).toBe(404);
    expect(shop.site.urls.reverse('simple:slug-detail', { name: 'abc' })).toBe('/simple/slugs/abc/');
    expect(() => shop.site.urls.reverse('simple:slug-detail', { name: 'xyz' })).toThrow();
  });

  test('registers under an empty prefix (RT03)', async () => {
    expect(shop.site.urls.reverse('rootless-list')).toBe('/rootless/');
    expect([await statusOf('/rootless/'), await statusOf('/rootless/1/')]).toEqual([200, 200]);
  });

  test('can be given routes, names and lookups of one’s own (RT06)', async () => {
    expect(shop.site.urls.reverse('word-one', { pk: 1 })).toBe('/words/tags/1');
    expect(shop.site.urls.reverse('word-do-in', { pk: 1, lang: 'x' })).toBe('/words/tags/1/do/in/x');
    expect([await statusOf('/words/tags/1'), await statusOf('/words/tags')]).toEqual([200, 404]);
    expect((await shop.send('OPTIONS', '/words/tags/1')).json.name).toBe('Tags Only');
  });

  test('makes its URLs anew when more is registered', () => {
    const router = new SimpleRouter();
    router.register('tags', Tags);
    const before = router.urls.length;
    router.register('slugs', BySlug, { basename: 'slug' });

    expect(router.urls.length).toBe(before + 2);
    expect(router.urls).toBe(router.urls);
  });
});

describe('a router that cannot work', () => {
  class Clash extends Tags {
    @action({ detail: true }) override retrieve(): never {
      throw new Error('never');
    }
  }
  class Converted extends Tags {
    override lookupValueConverter = 'float';
  }
  test.each([
    [
      (router: SimpleRouter) => router.register('a', Nameless),
      "it does not have a `queryset` attribute: register(prefix, Nameless, { basename: 'name' }).",
    ],
    [
      (router: SimpleRouter) => {
        router.register('a', Tags);
        router.register('b', BySlug);
      },
      'Router with basename "tag" is already registered. Please provide a unique basename for viewset "BySlug"',
    ],
    [
      (router: SimpleRouter) => {
        router.register('a', Clash);
        return router.urls;
      },
      'Cannot use the @action decorator on the following methods of Clash, as they are existing routes: retrieve.',
    ],
    [
      (router: SimpleRouter) => {
        router.register('a', Converted);
        return router.urls;
      },
      'Converted.lookupValueConverter is "float". Known are str, int, slug, uuid.',
    ],
  ])('is refused with what to write (RT03, RT05) (%#)', (build, message) => {
    expect(() => build(new SimpleRouter())).toThrow(ImproperlyConfigured);
    expect(() => build(new SimpleRouter())).toThrow(message);
  });
});

describe('DefaultRouter', () => {
  test('has a root with the absolute URLs of its lists, in order (RT02)', async () => {
    expect(await shop.get('/main/')).toMatchObject({
      status: 200,
      json: { tags: 'http://shop.test/main/tags/', nameless: 'http://shop.test/main/nameless/' },
    });
    expect(Object.keys((await shop.get('/main/')).json)).toEqual(['tags', 'nameless']);
    expect(shop.site.urls.reverse('api-root')).toBe('/main/');
  });

  test('has a suffix for every URL, which links keep (RT02, FS01, FS03)', async () => {
    expect((await shop.get('/main/tags.json')).json).toHaveLength(3);
    expect((await shop.get('/main/tags/1.txt')).text).toBe('{"id":1,"slug":"fiction","label":"Fiction"}');
    expect((await shop.get('/main/tags/recent.txt')).text).toBe('"recent"');
    expect((await shop.get('/main.json')).status).toBe(404);
    expect((await shop.get('/main/.json')).json).toEqual({
      tags: 'http://shop.test/main/tags.json',
      nameless: 'http://shop.test/main/nameless.json',
    });
    expect((await shop.get('/main/tags.xml')).status).toBe(404);
    expect((await shop.get('/main/tags/1.xml')).status).toBe(404);
  });

  test('leaves both away where told so', async () => {
    expect((await shop.get('/rootless/1.json')).status).toBe(404);
    expect(shop.site.urls.has('api-root')).toBe(true);
    expect((await shop.get('/rootless/')).json).toHaveLength(3);
  });

  test('takes a root view, its name and its renderers', async () => {
    const { text, headers } = await shop.get('/styled/');

    expect(JSON.parse(text)).toEqual({ tags: 'http://shop.test/styled/tags' });
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(shop.site.urls.reverse('styled:styled-root')).toBe('/styled/');
  });

  test('links with the arguments of the URL that it is included at', async () => {
    expect((await shop.get('/of/v2/')).json).toEqual({ tags: 'http://shop.test/of/v2/tags/' });
  });
});

describe('versioning and permissions of a project', () => {
  test('hold for routers: links stay in the version, the root asks for permission (RV01)', async () => {
    const router = new DefaultRouter();
    router.register('tags', Tags);
    const server = await ShopServer.start([include('/:version(v1|v2)/', router.urls)], {
      defaultVersioningClass: URLPathVersioning,
      defaultPermissionClasses: [IsAuthenticated],
    });
    try {
      await server.reset();
      expect((await server.get('/v1/')).status).toBe(401);
      expect((await server.get('/v1/', { user: 'bob' })).json).toEqual({ tags: 'http://shop.test/v1/tags/' });
      expect((await server.get('/v2/', { user: 'bob' })).json).toEqual({ tags: 'http://shop.test/v2/tags/' });
    } finally {
      await server.close();
    }
  });
});
