import {
  CursorPagination,
  FieldFilter,
  KeysetPagination,
  LimitOffsetPagination,
  ListAPIView,
  ModelViewSet,
  OrderingFilter,
  PageNumberPagination,
  type PaginationClass,
  SimpleRouter,
} from '@rf/generics';
import { ImproperlyConfigured } from '@rf/exceptions';
import { db, ModelSerializer } from '@rf/orm';
import { BasePermission, include, isSafeMethod, JSONRenderer, path, type Request } from '@rf/views';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ShopServer } from './fixtures/server.ts';
import { Book, BookSerializer, Note, NoteSerializer } from './fixtures/shop.ts';

/** How many rows were shown. */
let rendered = 0;
class CountedNoteSerializer extends ModelSerializer(Note, { fields: ['id', 'title', 'text'] }) {
  override toRepresentation(instance: Note) {
    rendered += 1;
    return super.toRepresentation(instance);
  }
}

class CountedBookSerializer extends BookSerializer {
  override toRepresentation(instance: Book) {
    rendered += 1;
    return super.toRepresentation(instance);
  }
}

class ByVersion extends ModelViewSet<Note> {
  override queryset = Note;
  override serializerClass = NoteSerializer;
  override etagField = 'version';
}
class Demanding extends ByVersion {
  override requireIfMatch = true;
}
class ByMoment extends ByVersion {
  override etagField = 'updated';
}
class ByText extends ByVersion {
  override etagField = 'text';
}
class Counted extends ModelViewSet<Note> {
  override queryset = Note;
  override etagField = 'version';
  override serializerClass = CountedNoteSerializer;
}
class ReadOnly extends BasePermission {
  override hasObjectPermission(request: Request): boolean {
    return isSafeMethod(request.method);
  }
}
class Guarded extends Demanding {
  override permissionClasses = { partialUpdate: [ReadOnly], retrieve: [ReadOnly] };
}
class PrettyRenderer extends JSONRenderer {
  override readonly format = 'pretty';
  override readonly mediaType = 'application/vnd.pretty+json';
}
class ByRating extends ModelViewSet<Book> {
  override queryset = Book;
  override serializerClass = BookSerializer;
  override etagField = 'rating';
  override filterBackends = [FieldFilter];
  override filtersetFields = { authors__name: ['startswith'] };

  override getQueryset() {
    return super.getQueryset().leftJoin('book.authors', 'author').distinct(true);
  }
}

/** Books that have an author, grouped. */
class Grouped extends ModelViewSet<Book> {
  override queryset = Book;
  override serializerClass = BookSerializer;
  override etagField = 'rating';

  override getQueryset() {
    const books = super.getQueryset().innerJoin('book.authors', 'author').where('author.id > :none', { none: 0 });
    return books.groupBy('book.id').having('COUNT(author.id) >= :least', { least: 1 });
  }
}
class Page extends PageNumberPagination {
  override pageSize = 2;
}
const paginations: Record<string, PaginationClass | null> = {
  whole: null,
  pages: Page,
  estimated: class extends Page {
    override countMode = 'estimated' as const;
  },
  uncounted: class extends Page {
    override countMode = 'none' as const;
  },
  limits: class extends LimitOffsetPagination {
    override defaultLimit = 2;
  },
  cursors: class extends CursorPagination {
    override pageSize = 2;
    override ordering = 'id';
  },
  keysets: class extends KeysetPagination {
    override pageSize = 2;
  },
};
class Paged extends Counted {
  override filterBackends = [OrderingFilter];
}
class GroupedPages extends Grouped {
  override paginationClass = Page;
}
class DistinctPages extends ByRating {
  override paginationClass = Page;
}
/** Its books come with their authors, as entities. */
class WithAuthors extends ListAPIView<Book> {
  override queryset = Book;
  override serializerClass = CountedBookSerializer;
  override etagField = 'rating';
  override paginationClass = Page;

  override getQueryset() {
    return super.getQueryset().leftJoinAndSelect('book.authors', 'author');
  }
}
class Untagged extends ByVersion {
  override etagLists = false;
}

/** Its rows are not called like the table. */
class Named extends ByVersion {
  override getQueryset() {
    return db(this.request).createQueryBuilder(Note, 'someNote');
  }
}

const router = new SimpleRouter();
for (const [name, paginationClass] of Object.entries(paginations)) {
  router.register(
    name,
    class extends Paged {
      override paginationClass = paginationClass;
    },
    { basename: name },
  );
}
router.register('grouped-pages', GroupedPages, { basename: 'grouped-pages' });
router.register('distinct-pages', DistinctPages, { basename: 'distinct-pages' });
router.register('untagged', Untagged, { basename: 'untagged' });
router.register('named', Named, { basename: 'named' });
router.register('grouped', Grouped, { basename: 'grouped' });
router.register('version', ByVersion, { basename: 'version' });
router.register('demanding', Demanding, { basename: 'demanding' });
router.register('moment', ByMoment, { basename: 'moment' });
router.register('text', ByText, { basename: 'text' });
router.register('counted', Counted, { basename: 'counted' });
router.register('guarded', Guarded, { basename: 'guarded' });
router.register('books', ByRating);

let shop: ShopServer;
beforeAll(async () => {
  shop = await ShopServer.start([...router.urls, path('/with-authors/', WithAuthors)]);
});
afterAll(() => shop.close());
beforeEach(() => shop.reset());

const tagOf = async (path: string): Promise<string> => (await shop.get(path)).headers.etag as string;
const titleOf = async (id: number) => (await shop.dataSource.manager.findOneByOrFail(Note, { id })).title;

describe('a view with an etagField', () => {
  test('answers one object with a strong tag, which changes with the column', async () => {
    const first = await tagOf('/version/1/');
    const changed = await shop.send('PATCH', '/version/1/', { json: { title: 'New' } });

    expect(first).toMatch(/^"[\w-]+"$/);
    expect(changed.headers.etag).not.toBe(first);
    expect(await tagOf('/version/1/')).toBe(changed.headers.etag);
  });

  test('tags a new object as a later GET does', async () => {
    const made = await shop.send('POST', '/version/', { json: { title: 'Third' } });

    expect(made.status).toBe(201);
    expect(made.headers.etag).toBe(await tagOf(`/version/${made.json.id}/`));
  });

  test.each(['version', 'moment', 'text'])('tells versions apart by a column of any type: %s', async (path) => {
    const before = await tagOf(`/${path}/1/`);
    await shop.send('PATCH', `/${path}/1/`, { json: { text: 'other "text", é' } });

    expect(await tagOf(`/${path}/1/`)).not.toBe(before);
    expect(await tagOf(`/${path}/1/`)).toMatch(/^"[\x21\x23-\x7e]+"$/);
  });

  test('tags rows whose column is empty as well, joined and made distinct', async () => {
    const path = '/books/4/?authors__name__startswith=Bruno';
    const tag = await tagOf(path);

    expect((await shop.get(path, { headers: { 'if-none-match': tag } })).status).toBe(304);
    expect((await shop.send('PATCH', path, { headers: { 'if-match': '"1"' }, json: { title: 'x' } })).status).toBe(412);
    expect((await shop.send('PATCH', path, { headers: { 'if-match': tag }, json: { title: 'x' } })).status).toBe(200);
  });
});

describe('a list', () => {
  const since = (tag: string) => ({ headers: { 'if-none-match': tag } });
  /** A third and a fourth row. */
  beforeEach(() => shop.dataSource.manager.save(Note, [{ title: 'Third' }, { title: 'Fourth' }]));

  test.each(Object.keys(paginations))('is 304 to who has it, until what is shown changes: %s', async (name) => {
    const at = `/${name}/`;
    const first = await shop.get(at);
    const tag = first.headers.etag as string;
    rendered = 0;
    const known = await shop.get(at, since(tag));

    expect(tag).toMatch(/^"[\w-]+"$/);
    expect([known.status, known.text, known.headers.etag, rendered]).toEqual([304, '', tag, 0]);
    await shop.send('PATCH', '/version/2/', { json: { text: 'changed' } });
    const changed = await shop.get(at, since(tag));
    expect(changed.status).toBe(200);
    expect(changed.headers.etag).not.toBe(tag);
    await shop.send('DELETE', '/version/1/');
    expect((await shop.get(at, since(changed.headers.etag as string))).status).toBe(200);
  });

  test.each(['pages', 'limits'])('changes when the number of all rows does, where that is shown: %s', async (name) => {
    const tag = await tagOf(`/${name}/`);
    await shop.send('PATCH', '/version/4/', { json: { text: 'on another page' } });
    expect((await shop.get(`/${name}/`, since(tag))).status).toBe(304);
    await shop.send('POST', '/version/', { json: { title: 'Fifth' } });
    expect((await shop.get(`/${name}/`, since(tag))).json.count).toBe(5);
  });

  test.each(['/limits/?offset=9', '/pages/?page=last', '/whole/?ordering=-title'])(
    'has a tag wherever it is cut and however ordered: %s',
    async (at) => {
      const tag = await tagOf(at);

      expect((await shop.get(at, since(tag))).status).toBe(304);
      expect(tag).not.toBe(await tagOf(at.replace(/\?.*/, '')));
      await shop.send('POST', '/version/', { json: { title: 'Fifth' } });
      expect((await shop.get(at, since(tag))).status).toBe(200);
    },
  );

  test.each(['/grouped-pages/', '/distinct-pages/?authors__name__startswith=A', '/with-authors/'])(
    'has a tag whatever its query does: %s',
    async (at) => {
      const tag = await tagOf(at);

      expect((await shop.get(at, since(tag))).status).toBe(304);
      await shop.dataSource.manager.query('UPDATE shop_book SET rating = 2.5 WHERE id = 2');
      expect((await shop.get(at, since(tag))).status).toBe(200);
    },
  );

  test.each(['pages', 'keysets'])('costs one statement, whether it is known or not: %s', async (name) => {
    const tag = await tagOf(`/${name}/`);

    expect(await shop.countStatements(() => shop.get(`/${name}/`))).toBe(1);
    expect(await shop.countStatements(() => shop.get(`/${name}/`, since(tag)))).toBe(1);
    expect(await shop.countStatements(() => shop.get(`/${name}/`, since('"other"')))).toBe(2);
  });

  test('is shown with the tag it should have, 412 with any other', async () => {
    const match = (tag: string) => ({ headers: { 'if-match': tag } });

    expect((await shop.get('/pages/', match(await tagOf('/pages/')))).status).toBe(200);
    expect((await shop.get('/pages/', match('"other"'))).status).toBe(412);
  });

  test('has no tag where the view does not want it', async () => {
    const { status, headers } = await shop.get('/untagged/', since('*'));

    expect([status, headers.etag]).toEqual([200, undefined]);
    expect((await shop.get('/untagged/1/')).headers.etag).toBeDefined();
  });
});

describe('a view that changes rows of its own query', () => {
  test('locks them where the query is grouped', async () => {
    expect((await shop.get('/grouped/')).json).toHaveLength(5);
    const tag = await tagOf('/grouped/1/');
    const change = (json: object) => shop.send('PATCH', '/grouped/1/', { headers: { 'if-match': tag }, json });

    expect((await shop.send('PATCH', '/grouped/1/', { headers: { 'if-match': '"x"' }, json: {} })).status).toBe(412);
    expect((await change({ title: 'Grouped' })).json.title).toBe('Grouped');
    expect((await shop.send('PATCH', '/grouped/5/', { json: {} })).status).toBe(404);
    expect((await shop.send('DELETE', '/grouped/2/')).status).toBe(204);
  });

  test('locks them whatever the query calls them', async () => {
    expect((await shop.send('PATCH', '/named/1/', { json: { title: 'Named' } })).status).toBe(200);
  });
});

describe('If-None-Match', () => {
  test.each(['GET', 'HEAD'])('answers %s 304 with the tag and no body when the client has it', async (method) => {
    const tag = await tagOf('/version/1/');
    for (const condition of [tag, `W/${tag}`, `"a", W/"b,c" , ${tag}`, '*', ` * `]) {
      const answer = await shop.send(method, '/version/1/', { headers: { 'if-none-match': condition } });

      expect([condition, answer.status, answer.text]).toEqual([condition, 304, '']);
      expect(answer.headers.etag).toBe(tag);
      expect(answer.headers['content-type']).toBeUndefined();
    }
  });

  test.each(['"other"', 'unquoted', '', '"open', 'W/', '"a" nonsense'])(
    'shows the object for %j',
    async (condition) => {
      const { status, json } = await shop.get('/version/1/', { headers: { 'if-none-match': condition } });

      expect([status, json.title]).toEqual([200, 'First']);
    },
  );

  test('answers before anything is serialized, with one statement', async () => {
    const headers = { 'if-none-match': await tagOf('/counted/1/') };
    rendered = 0;
    const statements = await shop.countStatements(() => shop.get('/counted/1/', { headers }));

    expect([rendered, statements]).toEqual([0, 1]);
    await shop.get('/counted/1/');
    expect(rendered).toBe(1);
  });

  test('refuses to change what is there with 412, and makes nothing known of what is not: 404', async () => {
    const headers = { 'if-none-match': '*' };

    expect((await shop.send('PUT', '/version/1/', { headers, json: { title: 'x' } })).status).toBe(412);
    expect((await shop.get('/version/99/', { headers })).status).toBe(404);
    expect(await titleOf(1)).toBe('First');
  });
});

describe('If-Match', () => {
  test.each(['PUT', 'PATCH', 'DELETE'])(
    'lets %s pass with the current tag, alone, in a list or as *',
    async (method) => {
      const json = { title: 'Changed' };
      for (const wrap of [(tag: string) => tag, (tag: string) => `"zz",${tag}`, () => '*']) {
        await shop.reset();
        const condition = wrap(await tagOf('/version/1/'));
        const { status } = await shop.send(method, '/version/1/', { headers: { 'if-match': condition }, json });
        expect([condition, status]).toEqual([condition, method === 'DELETE' ? 204 : 200]);
      }
    },
  );

  test.each(['PUT', 'PATCH', 'DELETE'])('answers %s 412 with any other tag, and changes nothing', async (method) => {
    const tag = await tagOf('/version/1/');
    for (const condition of ['"other"', `W/${tag}`, tag.slice(1, -1), '', `${tag} x`]) {
      const headers = { 'if-match': condition };
      const { status, json } = await shop.send(method, '/version/1/', { headers, json: { title: 'Changed' } });

      expect([condition, status, json]).toEqual([condition, 412, { detail: expect.any(String) }]);
    }
    expect(await titleOf(1)).toBe('First');
  });

  test('holds for GET and HEAD as well', async () => {
    expect((await shop.get('/version/1/', { headers: { 'if-match': '"other"' } })).status).toBe(412);
    expect((await shop.get('/version/1/', { headers: { 'if-match': await tagOf('/version/1/') } })).status).toBe(200);
  });

  test('lets one of two changes pass that were made of the same version', async () => {
    const headers = { 'if-match': await tagOf('/version/1/') };
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((title) => shop.send('PATCH', '/version/1/', { headers, json: { title } })),
    );

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
    const { json } = answers.find(({ status }) => status === 200) as { json: { title: string } };
    expect(await titleOf(1)).toBe(json.title);
  });

  test('loses neither of two changes of different columns that come without conditions', async () => {
    await Promise.all([
      shop.send('PATCH', '/version/1/', { json: { title: 'T' } }),
      shop.send('PATCH', '/version/1/', { json: { text: 'X' } }),
    ]);

    expect(await shop.dataSource.manager.findOneByOrFail(Note, { id: 1 })).toMatchObject({ title: 'T', text: 'X' });
  });
});

describe('requireIfMatch', () => {
  test.each(['PUT', 'PATCH', 'DELETE'])('answers %s without If-Match 428, and changes nothing', async (method) => {
    const { status, json } = await shop.send(method, '/demanding/1/', { json: { title: 'x' } });

    expect([status, json]).toEqual([428, { detail: expect.any(String) }]);
    expect(await titleOf(1)).toBe('First');
  });

  test('demands nothing of reading and making', async () => {
    expect((await shop.get('/demanding/1/')).status).toBe(200);
    expect((await shop.send('POST', '/demanding/', { json: { title: 'x' } })).status).toBe(201);
  });

  test('comes after what hides and what forbids: 404 and 403 first', async () => {
    expect((await shop.send('DELETE', '/demanding/99/')).status).toBe(404);
    expect((await shop.send('PATCH', '/guarded/1/', { user: 'alice', json: {} })).status).toBe(403);
    expect((await shop.send('PATCH', '/guarded/1/', { user: 'alice', headers: { 'if-match': '"x"' } })).status).toBe(
      403,
    );
    expect((await shop.get('/guarded/1/')).headers.etag).toBeDefined();
  });

  test('without an etagField is refused when the server starts', () => {
    class Careless extends Demanding {
      override etagField = null as never;
    }
    const careless = new SimpleRouter();
    careless.register('notes', Careless);

    expect(() => shop.mount(include('/', careless.urls))).toThrow(
      new ImproperlyConfigured(
        "Careless.requireIfMatch is true, but no column says whether a row has changed. Write `etagField = 'version';` too.",
      ),
    );
  });
});

describe('a view with an etagField and several renderers', () => {
  test('has a tag for each format', async () => {
    const other = new SimpleRouter();
    other.register('version', ByVersion);
    const server = await ShopServer.start(other.urls, { defaultRendererClasses: [JSONRenderer, PrettyRenderer] });
    try {
      await server.reset();
      const tag = async (accept: string) => (await server.get('/version/1/', { headers: { accept } })).headers.etag;

      expect(await tag('application/json')).toMatch(/-json"$/);
      expect(await tag('application/vnd.pretty+json')).toMatch(/-pretty"$/);
      const json = { 'if-none-match': (await tag('application/json')) as string };
      const pretty = { ...json, accept: 'application/vnd.pretty+json' };
      expect((await server.get('/version/1/', { headers: json })).status).toBe(304);
      expect((await server.get('/version/1/', { headers: pretty })).status).toBe(200);
    } finally {
      await server.close();
    }
  });
});
