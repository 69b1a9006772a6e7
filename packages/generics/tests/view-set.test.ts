import {
  action,
  CreateModelMixin,
  DestroyModelMixin,
  GenericViewSet,
  mix,
  ModelViewSet,
  ReadOnlyModelViewSet,
  RetrieveModelMixin,
  SimpleRouter,
  ViewSet,
} from '@rf/generics';
import { ImproperlyConfigured } from '@rf/exceptions';
import { HyperlinkedIdentityField, HyperlinkedModelSerializer, ModelSerializer } from '@rf/orm';
import {
  AllowAny,
  BasePermission,
  include,
  IsAdminUser,
  IsAuthenticated,
  type Params,
  path,
  permissionClasses,
  type Request,
  Response,
} from '@rf/views';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ShopServer } from './fixtures/server.ts';
import { Book, BookSerializer, PriceSerializer, Tag, TagSerializer } from './fixtures/shop.ts';

class NewBookSerializer extends ModelSerializer(Book, { fields: ['title', 'isbn', 'price'] }) {}

class IsBob extends BasePermission {
  override hasPermission(request: Request): boolean {
    return request.user.getUsername() === 'bob';
  }
}

class Books extends ModelViewSet<Book> {
  override queryset = Book;
  override serializerClass = BookSerializer;
  override serializerClasses = { create: { input: NewBookSerializer, output: BookSerializer }, list: PriceSerializer };
  override permissionClasses = { destroy: [IsAdminUser], cheap: [IsAuthenticated] };

  @action({ detail: false })
  async cheap() {
    return (await this.getQueryset().andWhere('book.price < 10').orderBy('book.id').getMany()).map(({ id }) => id);
  }

  @action({ detail: true, methods: ['post'], urlPath: 'set-price', urlName: 'pricing' })
  @permissionClasses(IsBob)
  async setPrice(request: Request) {
    const { id } = await this.getObject();
    return {
      id,
      price: (request.data as { price: string }).price,
      action: this.action,
      user: request.user.getUsername(),
    };
  }

  @action({
    detail: true,
    methods: ['get', 'put'],
    serializerClass: TagSerializer,
    permissionClasses: [IsAuthenticated],
  })
  note() {
    return { read: this.getSerializerClass().name, action: this.action };
  }
  @action.mapping('note', 'post', 'patch')
  writeNote() {
    return { written: true, action: this.action };
  }
  @action.mapping('note', 'delete')
  @permissionClasses(IsBob)
  eraseNote() {
    return new Response(undefined, { status: 204 });
  }

  @action({ detail: false, urlPath: 'by-language/:lang([a-z]{2})', name: 'In a language' })
  byLanguage(_request: Request, { lang }: Params) {
    return { lang };
  }

  @action({ detail: false, methods: ['get', 'delete', 'options'] })
  whoami() {
    const { action: name, basename, detail, suffix } = this;
    return { name, basename, detail, suffix, urls: this.getExtraActionUrlMap(), page: this.getViewName() };
  }

  @action({ detail: true })
  links() {
    return { self: this.reverseAction('detail', { params: { pk: 1 } }), urls: this.getExtraActionUrlMap() };
  }
}

/** Chooses by action in the hooks themselves (VS07). */
class Hooked extends ModelViewSet<Book> {
  override queryset = Book;
  override getPermissions() {
    return this.action === 'list' ? [new AllowAny()] : [new IsBob()];
  }
  override getSerializerClass() {
    return this.action === 'retrieve' ? PriceSerializer : BookSerializer;
  }
}
class Shelves extends ViewSet {
  list() {
    return ['a', 'b'];
  }
  retrieve(_request: Request, { pk }: Params) {
    return { pk, action: this.action, detail: this.detail };
  }
}
class ReadOnly extends ReadOnlyModelViewSet<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;
}
class Mixed extends mix(GenericViewSet, RetrieveModelMixin, DestroyModelMixin)<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;
}
class Heir extends Books {
  override setPrice(): Promise<never> {
    throw new Error('an action that is overridden without a decorator is none');
  }
}

const router = new SimpleRouter();
router.register('books', Books);
router.register('hooked', Hooked, { basename: 'hooked' });
router.register('shelves', Shelves, { basename: 'shelf' });
router.register('tags', ReadOnly);
router.register('mixed', Mixed, { basename: 'mixed' });
router.register('heir', Heir, { basename: 'heir' });

let shop: ShopServer;
beforeAll(async () => {
  shop = await ShopServer.start([
    ...router.urls,
    path('/bound/', Books.asView({ get: 'list', post: 'create' }, { suffix: 'Some' })),
    path('/renamed/:pk/', Books.asView({ get: 'retrieve' }, { name: 'One book' })),
    include('/api/', router.urls, { namespace: 'inner' }),
    include('/v2/', [path('/:pk/', ReadOnly.asView({ get: 'retrieve' }), { name: 'newer-tag' })], { namespace: 'v2' }),
  ]);
});
afterAll(() => shop.close());
beforeEach(() => shop.reset());

describe('the kinds of viewsets', () => {
  const list = 'GET, POST, HEAD, OPTIONS';
  const detail = 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS';
  test.each([
    ['/books/', list, ['put', 'patch', 'delete']],
    ['/hooked/1/', detail, ['post']],
    ['/tags/', 'GET, HEAD, OPTIONS', ['post', 'put', 'patch', 'delete']],
    ['/tags/1/', 'GET, HEAD, OPTIONS', ['post', 'put', 'patch', 'delete']],
    ['/mixed/1/', 'GET, DELETE, HEAD, OPTIONS', ['post', 'put', 'patch']],
    ['/shelves/', 'GET, HEAD, OPTIONS', ['post']],
  ] as const)('%s answers %s, anything else 405 (VS01, VS08)', async (at, allow, refused) => {
    for (const method of refused) {
      const answer = await shop.send(method.toUpperCase(), at, { user: 'bob', json: {} });
      expect(answer).toMatchObject({ status: 405, json: { detail: `Method "${method.toUpperCase()}" not allowed.` } });
      expect(answer.headers.allow).toBe(allow);
    }
    expect((await shop.send('OPTIONS', at, { user: 'bob' })).headers.allow).toBe(allow);
  });

  test('a mix without a list has no URL for one', async () => {
    expect((await shop.get('/mixed/')).status).toBe(404);
    expect((await shop.send('DELETE', '/mixed/3/')).status).toBe(204);
  });

  test('a ViewSet does everything itself', async () => {
    expect((await shop.get('/shelves/')).json).toEqual(['a', 'b']);
    expect((await shop.get('/shelves/x-1/')).json).toEqual({ pk: 'x-1', action: 'retrieve', detail: true });
  });
});

describe('@action', () => {
  test('has a URL of its own, of the list or of one object, with methods and names as told (VS04)', async () => {
    expect((await shop.get('/books/cheap/', { user: 'alice' })).json).toEqual([2, 4, 6]);
    const priced = await shop.send('POST', '/books/2/set-price/', { user: 'bob', json: { price: '1' } });
    expect(priced.json).toEqual({ id: 2, price: '1', action: 'setPrice', user: 'bob' });
    expect((await shop.get('/books/2/set-price/', { user: 'bob' })).status).toBe(405);
    expect(shop.site.urls.reverse('book-pricing', { pk: 2 })).toBe('/books/2/set-price/');
    expect((await shop.get('/books/by-language/fr/')).json).toEqual({ lang: 'fr' });
    expect((await shop.get('/books/by-language/french/')).status).toBe(404);
  });

  test('has policies of its own: by a decorator, by an option, by the map of the viewset (W23)', async () => {
    expect((await shop.send('POST', '/books/2/set-price/', { user: 'alice', json: {} })).status).toBe(403);
    expect((await shop.get('/books/1/note/')).status).toBe(401);
    expect((await shop.get('/books/cheap/')).status).toBe(401);
    expect((await shop.get('/books/1/')).status).toBe(200);
    expect((await shop.send('DELETE', '/books/1/', { user: 'bob' })).status).toBe(403);
    expect((await shop.send('DELETE', '/books/1/', { user: 'sam' })).status).toBe(204);
  });

  test('has a serializer of its own', async () => {
    expect((await shop.get('/books/1/note/', { user: 'bob' })).json).toEqual({ read: 'TagSerializer', action: 'note' });
  });

  test('answers several methods at one URL, each by a method with policies of its own (VS05)', async () => {
    const note = (method: string, user: string) => shop.send(method, '/books/1/note/', { user });

    expect((await note('PUT', 'alice')).json).toEqual({ read: 'TagSerializer', action: 'note' });
    expect((await note('POST', 'alice')).json).toEqual({ written: true, action: 'writeNote' });
    expect((await note('PATCH', 'alice')).json).toEqual({ written: true, action: 'writeNote' });
    expect((await note('DELETE', 'alice')).status).toBe(403);
    expect((await note('DELETE', 'bob')).status).toBe(204);
    expect((await note('GET', 'alice')).headers.allow).toBe('GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS');
  });

  test('tells page names: the method in words, a name, or the viewset with a suffix', async () => {
    const nameOf = async (at: string) => (await shop.send('OPTIONS', at, { user: 'bob' })).json.name;

    expect(await nameOf('/books/')).toBe('Books List');
    expect(await nameOf('/books/1/')).toBe('Books Instance');
    expect(await nameOf('/books/1/set-price/')).toBe('Set price');
    expect(await nameOf('/books/by-language/fr/')).toBe('In a language');
    expect(await nameOf('/bound/')).toBe('Books Some');
    expect(await nameOf('/renamed/1/')).toBe('One book');
  });

  test('a subclass that overrides the method without the decorator has no such action', async () => {
    expect((await shop.send('POST', '/heir/1/set-price/', { user: 'bob' })).status).toBe(404);
    expect((await shop.get('/heir/by-language/fr/')).status).toBe(200);
  });

  test.each([
    [() => action({} as never), /@action\(\) missing required option: write @action\(\{ detail: true \}\)/],
    [() => action({ detail: true, name: 'a', suffix: 'b' }), /takes a `name` or a `suffix`, not both/],
    [() => action({ detail: true, methods: ['fetch'] }), /does not know the HTTP method "fetch"/],
    [() => action.mapping('note'), /@action\.mapping\('note'\) names no HTTP method/],
  ])('refuses options that make no sense (%#)', (write, message) => {
    expect(write).toThrow(ImproperlyConfigured);
    expect(write).toThrow(message);
  });

  test('refuses a second method for the same verb, and a mapping to what is no action', () => {
    class Twice extends ViewSet {
      @action({ detail: false }) a() {}
      @action.mapping('a', 'get') b() {}
    }
    class Nowhere extends ViewSet {
      a() {}
      @action.mapping('a', 'post') b() {}
    }

    expect(() => Twice.getExtraActions()).toThrow('Twice.b: the method "get" of a is already mapped to a().');
    expect(() => Nowhere.getExtraActions()).toThrow(
      "Nowhere.b: @action.mapping('a', …) names no action. Write @action({ detail: … }) above Nowhere.a().",
    );
  });
});

describe('serializers and permissions by action', () => {
  test('one serializer reads and another shows, and OPTIONS tells what is read (W23)', async () => {
    const json = { title: 'T', isbn: '1', price: '2.00' };
    const made = await shop.send('POST', '/books/', { json });

    expect(made.json).toEqual({ id: 7, title: 'T' });
    expect((await shop.get('/books/')).json[0]).toEqual({ id: 1, title: 'Amber Fields', price: '12.50' });
    expect((await shop.get('/books/1/')).json).toEqual({ id: 1, title: 'Amber Fields' });
  });

  test('hooks may choose by this.action (VS07)', async () => {
    expect((await shop.get('/hooked/')).json[0]).toEqual({ id: 1, title: 'Amber Fields' });
    expect((await shop.get('/hooked/1/', { user: 'alice' })).status).toBe(403);
    expect((await shop.get('/hooked/1/', { user: 'bob' })).json.price).toBe('12.50');
  });

  test.each([
    ['permissionClasses', { permissionClasses: { destory: [IsAdminUser] } }],
    ['serializerClasses', { serializerClasses: { destory: BookSerializer } }],
  ])('a name in %s that is no action is refused when the server starts', (member, initial) => {
    expect(() => shop.mount(path('/a/', Books.asView({ get: 'list' }, initial)))).toThrow(
      `Books.${member} names the action "destory", but there is no method destory().`,
    );
  });
});

describe('what a viewset knows of itself', () => {
  test('action, basename, detail and suffix, and the URLs of the actions beside it (VS03, VS06)', async () => {
    const { json } = await shop.get('/books/whoami/');

    expect(json).toEqual({
      name: 'whoami',
      basename: 'book',
      detail: false,
      suffix: null,
      page: 'Whoami',
      urls: { Cheap: 'http://shop.test/books/cheap/', Whoami: 'http://shop.test/books/whoami/' },
    });
    expect((await shop.send('HEAD', '/books/whoami/')).status).toBe(200);
    expect((await shop.send('OPTIONS', '/books/whoami/')).json.name).toBe('whoami');
  });

  test('reverseAction stays in the namespace that the request came through (VS06)', async () => {
    expect((await shop.get('/books/2/links/')).json.self).toBe('http://shop.test/books/1/');
    const { json } = await shop.get('/api/books/2/links/');
    expect(json.self).toBe('http://shop.test/api/books/1/');
    expect(json.urls).toMatchObject({ 'Set price': 'http://shop.test/api/books/2/set-price/' });
  });
});

describe('asView', () => {
  const bound = Books as unknown as { asView(...given: unknown[]): unknown };
  test.each([
    [
      [],
      "The `actions` argument must be provided when calling Books.asView(). For example Books.asView({ get: 'list' }).",
    ],
    [[{}], 'The `actions` argument must be provided'],
    [[{ fetch: 'list' }], 'maps "fetch", which is no lower-case HTTP method.'],
    [[{ get: 'lost' }], 'maps "get" to Books.lost(), which is not there.'],
    [[{ get: 'list' }, { name: 'a', suffix: 'b' }], 'received both `name` and `suffix`'],
    [[{ get: 'list' }, { post: 'x' }], 'You tried to pass in the post method name'],
    [[{ get: 'list' }, { nothing: 1 }], 'received an invalid initial value "nothing"'],
  ])('refuses %j (VS02)', (given, message) => {
    expect(() => bound.asView(...given)).toThrow(TypeError);
    expect(() => bound.asView(...given)).toThrow(message);
  });
});

describe('a viewset that cannot work', () => {
  class NoRows extends ModelViewSet<Book> {
    override serializerClass = BookSerializer;
  }
  class NoSerializer extends mix(GenericViewSet, CreateModelMixin)<Book> {
    override queryset = Book;
  }
  class OnlyListed extends ModelViewSet<Book> {
    override queryset = Book;
    override serializerClasses = { list: BookSerializer };
  }
  const mount = (View: unknown, actions: Record<string, string>, url: string) =>
    shop.mount(path(url, (View as typeof Books).asView(actions)));

  test.each([
    [NoRows, { get: 'list' }, '/a/', "'NoRows' should either include a `queryset` attribute"],
    [NoRows, { delete: 'destroy' }, '/a/:pk/', 'Write `queryset = SomeEntity;` in NoRows.'],
    [NoSerializer, { post: 'create' }, '/a/', "'NoSerializer' should either include a `serializerClass` attribute"],
    [OnlyListed, { put: 'update' }, '/a/:pk/', 'Write `serializerClass = SomeSerializer;` in OnlyListed.'],
    [Books, { get: 'retrieve' }, '/a/:id/', 'Expected view Books to be called with a URL argument named "pk"'],
  ])('is refused when its URL is mounted (%#)', (View, actions, url, message) => {
    expect(() => mount(View, actions, url)).toThrow(message);
  });

  test('is refused where its serializer, or one nested in it, links to a URL that there is not', () => {
    class LostTagSerializer extends HyperlinkedModelSerializer(Tag, {
      fields: ['url', 'slug'],
      extraKwargs: { url: { viewName: 'lost-tag' } },
    }) {}
    class TaggedSerializer extends ModelSerializer(Book, { fields: ['id', 'tags'] }) {
      tags = new LostTagSerializer({ many: true, readOnly: true });
    }
    const message =
      'LostTagSerializer.url (HyperlinkedIdentityField): no URL of the project is named "lost-tag". Register the viewset, or ' +
      "write `path('/…/:pk/', SomeView, { name: 'lost-tag' })`";

    for (const serializerClass of [LostTagSerializer, TaggedSerializer]) {
      class Lost extends Books {
        override serializerClass = serializerClass as never;
      }
      expect(() => mount(Lost, { get: 'list' }, '/a/')).toThrow(message);
    }
    class LostInList extends Books {
      override serializerClasses = { list: LostTagSerializer } as never;
    }
    expect(() => mount(LostInList, { get: 'list' }, '/a/')).toThrow(message);
  });

  test('may link to a name in any namespace, which the version of a request can say, and make URLs of its own', () => {
    class Anywhere extends HyperlinkedIdentityField {
      override getUrl(): string {
        return 'https://tags.example/';
      }
    }
    class TagLinks extends HyperlinkedModelSerializer(Tag, {
      fields: ['url', 'slug', 'elsewhere'],
      extraKwargs: { url: { viewName: 'newer-tag' } },
    }) {
      elsewhere = new Anywhere({ viewName: 'nowhere' });
    }
    class Linked extends Books {
      override serializerClass = TagLinks as never;
      override serializerClasses = null as never;
    }
    expect(() => mount(Linked, { get: 'list' }, '/a/')).not.toThrow();
  });

  test('is not, where what is missing is not wanted at that URL', () => {
    expect(() => mount(OnlyListed, { get: 'list' }, '/a/')).not.toThrow();
  });
});
