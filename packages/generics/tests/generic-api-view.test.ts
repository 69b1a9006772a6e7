import {
  BaseFilterBackend,
  CreateAPIView,
  DestroyAPIView,
  GenericAPIView,
  getObjectOr404,
  ListAPIView,
  ListCreateAPIView,
  PageNumberPagination,
  type Queryset,
  RetrieveAPIView,
  RetrieveDestroyAPIView,
  RetrieveUpdateAPIView,
  RetrieveUpdateDestroyAPIView,
  SearchFilter,
  UpdateAPIView,
} from '@rf/generics';
import { db, HyperlinkedModelSerializer, ModelSerializer } from '@rf/orm';
import type { BaseSerializer } from '@rf/serializers';
import {
  BasePermission,
  IsAuthenticated,
  type Params,
  path,
  permissionClasses,
  type Request,
  Response,
} from '@rf/views';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ShopServer } from './fixtures/server.ts';
import { Book, BookSerializer, Member, PriceSerializer, Publisher, Tag, TagSerializer } from './fixtures/shop.ts';

class OwnerSerializer extends ModelSerializer(Book, { fields: ['id', 'title', 'isbn'] }) {}
class LinkedTagSerializer extends HyperlinkedModelSerializer(Tag, { fields: ['url', 'slug', 'label'] }) {}
class NestedPublisherSerializer extends ModelSerializer(Publisher, { fields: ['name', 'city'] }) {}
class NestedBookSerializer extends ModelSerializer(Book, { fields: ['id', 'title', 'publisher', 'tags'] }) {
  publisher = new NestedPublisherSerializer({ readOnly: true });
  tags = new TagSerializer({ many: true, readOnly: true });
}

const tags = { queryset: Tag, serializerClass: TagSerializer };
const tag = (Class: new () => GenericAPIView) => ({ view: Class, initial: tags });

class IsOwner extends BasePermission {
  static asked = 0;
  override readonly message = 'Not yours.';
  readonly needs = ['owner.name'];
  override hasObjectPermission(request: Request, _view: unknown, object: unknown): boolean {
    IsOwner.asked += 1;
    return (object as Book).owner?.name === request.user.getUsername();
  }
}
/** Leaves the books of a language. */
class LanguageFilter extends BaseFilterBackend {
  override async filterQueryset(request: Request, queryset: Queryset) {
    const language = request.queryParams.get('lang');
    return language === undefined ? queryset : queryset.andWhere('book.language = :language', { language });
  }
}
class BookList extends ListAPIView<Book> {
  override queryset = Book;
  override serializerClass = BookSerializer;
}
class Filtered extends RetrieveAPIView<Book> {
  override queryset = Book;
  override serializerClass = BookSerializer;
  override filterBackends = [LanguageFilter, SearchFilter];
  override searchFields = ['title'];
}
class FilteredList extends BookList {
  override filterBackends = [LanguageFilter, SearchFilter];
  override searchFields = ['title'];
}
@permissionClasses(IsAuthenticated, IsOwner)
class OwnBook extends RetrieveUpdateDestroyAPIView<Book> {
  override queryset = Book;
  override serializerClass = BookSerializer;
}
class ByIsbn extends RetrieveAPIView<Book> {
  override queryset = Book;
  override serializerClass = BookSerializer;
  override lookupField = 'isbn';
  override lookupUrlKwarg = 'code';
}
class ByPublisherName extends RetrieveAPIView<Publisher> {
  override queryset = Publisher;
  override serializerClass = NestedPublisherSerializer;
  override lookupField = 'owner__name';
  override filterBackends = [SearchFilter];
  override searchFields = ['city', 'owner__name'];
}
/** Several arguments in the URL name one row (GV09). */
class MultipleLookups extends RetrieveAPIView<Book> {
  override queryset = Book;
  override serializerClass = BookSerializer;
  override async getObject() {
    const { publisher, title } = this.params;
    const where = { publisher__name: publisher, title };
    const book = await this.loadObject(await this.filterQueryset(this.getQueryset()), where);
    await this.checkObjectPermissions(this.request, book);
    return book;
  }
}
class Mine extends ListCreateAPIView<Book> {
  override serializerClass = OwnerSerializer;
  override getQueryset() {
    const rows = db(this.request).createQueryBuilder(Book, 'book').innerJoin('book.owner', 'owner');
    return rows.where('owner.name = :name', { name: this.request.user.getUsername() });
  }
  override async performCreate(serializer: BaseSerializer) {
    const owner = await db(this.request).findOneByOrFail(Member, { name: this.request.user.getUsername() });
    await serializer.save({ owner });
  }
}
class ByUser extends BookList {
  override getSerializerClass() {
    return this.request.user.isStaff ? PriceSerializer : BookSerializer;
  }
}
class Context extends ListAPIView<Book> {
  override queryset = Book;
  override get(_request: Request, _params: Params): Response {
    const { request, view, format } = this.getSerializerContext();
    return new Response({ own: request === this.request, view: view === this, format });
  }
}
class Renamed extends UpdateAPIView<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;
  override async performUpdate(serializer: BaseSerializer) {
    await serializer.save({ label: 'by hand' });
  }
}
class Kept extends DestroyAPIView<Tag> {
  override queryset = Tag;
  override async performDestroy(instance: object) {
    await db(this.request).update(Tag, { id: (instance as Tag).id }, { label: 'gone' });
  }
}
class Two extends PageNumberPagination {
  override pageSize = 2;
}
class Pages extends GenericAPIView<Book> {
  override queryset = Book;
  override serializerClass = BookSerializer;
  override paginationClass = Two;
  override async get() {
    const rows = await this.filterQueryset(this.getQueryset());
    const page = await this.paginateQueryset(rows.andWhere('book.inPrint'));
    return this.getPaginatedResponse((await this.getSerializer({ instance: page, many: true }).data) as unknown[]);
  }
}
class Found extends GenericAPIView<Tag> {
  override async get(_request: Request, { slug }: Params) {
    const { label } = await getObjectOr404(db(this.request).createQueryBuilder(Tag, 'tag'), { slug });
    return { label };
  }
}
class Restricted extends DestroyAPIView<Member> {
  override queryset = Member;
}
class NestedUpdate extends RetrieveUpdateAPIView<Book> {
  override queryset = Book;
  override serializerClass = NestedBookSerializer;
}

class PagesSerializer extends ModelSerializer(Book, { fields: ['id', 'title', 'pages', 'price'] }) {}
/** Reads a value and writes what follows it. */
class Counting extends UpdateAPIView<Book> {
  override queryset = Book;
  override serializerClass = PagesSerializer;
  override lockOnWrite = true;
  override async performUpdate(serializer: BaseSerializer) {
    const { instance } = serializer as unknown as { instance: Book };
    await new Promise((resolve) => setImmediate(resolve));
    await serializer.save({ pages: (instance.pages ?? 0) + 1 });
  }
}
class Unlocked extends UpdateAPIView<Book> {
  override queryset = Book;
  override serializerClass = PagesSerializer;
}
class Locked extends Unlocked {
  override lockOnWrite = true;
}

let shop: ShopServer;
beforeAll(async () => {
  shop = await ShopServer.start([
    path('/list/', tag(ListAPIView)),
    path('/create/', tag(CreateAPIView)),
    path('/retrieve/:pk/', tag(RetrieveAPIView)),
    path('/update/:pk/', tag(UpdateAPIView)),
    path('/destroy/:pk/', tag(DestroyAPIView)),
    path('/list-create/', tag(ListCreateAPIView)),
    path('/retrieve-update/:pk/', tag(RetrieveUpdateAPIView)),
    path('/retrieve-destroy/:pk/', tag(RetrieveDestroyAPIView)),
    path('/all/:pk/', tag(RetrieveUpdateDestroyAPIView), { name: 'tag-detail' }),
    path('/linked/', { view: CreateAPIView, initial: { queryset: Tag, serializerClass: LinkedTagSerializer } }),
    path('/books/', BookList),
    path('/filtered/', FilteredList),
    path('/filtered/:pk/', Filtered),
    path('/own/:pk/', OwnBook),
    path('/isbn/:code/', ByIsbn),
    path('/by-owner/:owner__name/', ByPublisherName),
    path('/multiple/:publisher/:title/', MultipleLookups),
    path('/mine/', Mine),
    path('/by-user/', ByUser),
    path('/context/', Context),
    path('/renamed/:pk/', Renamed),
    path('/kept/:pk/', Kept),
    path('/pages/', Pages),
    path('/found/:slug/', Found),
    path('/members/:pk/', Restricted),
    path('/nested/:pk/', NestedUpdate),
    path('/counting/:pk/', Counting),
    path('/unlocked/:pk/', Unlocked),
    path('/locked/:pk/', Locked),
  ]);
});
afterAll(() => shop.close());
beforeEach(() => shop.reset());

describe('the concrete views', () => {
  test.each([
    ['/list/', 'GET, HEAD, OPTIONS'],
    ['/create/', 'POST, OPTIONS'],
    ['/retrieve/1/', 'GET, HEAD, OPTIONS'],
    ['/update/1/', 'PUT, PATCH, OPTIONS'],
    ['/destroy/1/', 'DELETE, OPTIONS'],
    ['/list-create/', 'GET, POST, HEAD, OPTIONS'],
    ['/retrieve-update/1/', 'GET, PUT, PATCH, HEAD, OPTIONS'],
    ['/retrieve-destroy/1/', 'GET, DELETE, HEAD, OPTIONS'],
    ['/all/1/', 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS'],
  ])('%s answers %s, and nothing else (GV08)', async (at, allowed) => {
    const methods = allowed.split(', ');
    const json = { slug: 'made', label: 'Made' };
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      await shop.reset();
      const { status, headers } = await shop.send(method, at, method === 'GET' || method === 'HEAD' ? {} : { json });
      const expected = !methods.includes(method) ? 405 : method === 'POST' ? 201 : method === 'DELETE' ? 204 : 200;
      expect([method, status, headers.allow]).toEqual([method, expected, allowed]);
    }
  });

  test('a list is an array, a row an object, a deleted row nothing (MX01, MX03, MX05)', async () => {
    const fiction = { id: 1, slug: 'fiction', label: 'Fiction' };

    expect((await shop.get('/list/')).json).toEqual([fiction, expect.any(Object), expect.any(Object)]);
    expect((await shop.get('/all/1/')).json).toEqual(fiction);
    expect(await shop.send('DELETE', '/all/3/')).toMatchObject({ status: 204, text: '' });
    expect((await shop.get('/all/3/')).json).toEqual({ detail: 'No Tag matches the given query.' });
  });

  test('a new row is answered 201, and Location is its url where it has one (MX02)', async () => {
    const json = { slug: 'made', label: 'Made' };
    const plain = await shop.send('POST', '/create/', { json });
    const linked = await shop.send('POST', '/linked/', { json: { ...json, slug: 'linked' } });

    expect(plain).toMatchObject({ status: 201, json: { id: 4, ...json } });
    expect(plain.headers.location).toBeUndefined();
    expect(linked).toMatchObject({ status: 201, json: { url: 'http://shop.test/all/5/' } });
    expect(linked.headers.location).toBe('http://shop.test/all/5/');
  });

  test('PUT wants all fields, PATCH what is sent, neither makes a row (MX04)', async () => {
    const put = await shop.send('PUT', '/all/1/', { json: { label: 'L' } });
    const patch = await shop.send('PATCH', '/all/1/', { json: { label: 'L' } });

    expect(put).toMatchObject({ status: 400, json: { slug: ['This field is required.'] } });
    expect(patch).toMatchObject({ status: 200, json: { id: 1, slug: 'fiction', label: 'L' } });
    expect((await shop.send('PUT', '/all/9/', { json: { slug: 's', label: 'L' } })).status).toBe(404);
  });

  test('what is answered to a change has its related rows as they are then (MX04)', async () => {
    const { json } = await shop.send('PATCH', '/nested/2/', { json: { title: 'T' } });

    expect(json).toMatchObject({ id: 2, title: 'T', publisher: { name: 'Arbor House', city: 'Leeds' } });
    expect(json.tags.map(({ slug }: Tag) => slug)).toEqual(['fiction', 'history']);
  });

  test('a row that others hold on to is answered 409, and stays', async () => {
    const { status, json } = await shop.send('DELETE', '/members/1/');

    expect([status, json]).toEqual([409, { detail: 'The Member cannot be deleted, because others refer to it.' }]);
    expect(await shop.dataSource.manager.countBy(Member, { id: 1 })).toBe(1);
  });
});

describe('the row that a URL names', () => {
  test.each([
    ['/retrieve/99/', 'No Tag matches the given query.'],
    ['/retrieve/abc/', 'Not found.'],
    ['/retrieve/1.5/', 'Not found.'],
    ['/retrieve/-1/', 'No Tag matches the given query.'],
    ['/retrieve/99999999999999999999/', 'No Tag matches the given query.'],
    ['/isbn/nope/', 'No Book matches the given query.'],
    ['/isbn/no%00pe/', 'Not found.'],
    ['/found/nope/', 'No Tag matches the given query.'],
  ])('%s is 404 with the reference’s text (GV04)', async (at, detail) => {
    expect(await shop.get(at)).toMatchObject({ status: 404, json: { detail } });
  });

  test('is found by any column or path, under any name of the argument (GV01, GV09)', async () => {
    expect((await shop.get('/isbn/9780000000003/')).json.id).toBe(3);
    expect((await shop.get('/by-owner/bob/')).json.name).toBe('Blue Door');
    expect((await shop.get('/by-owner/bob/?search=bo+lyon')).json.name).toBe('Blue Door');
    expect((await shop.get('/by-owner/bob/?search=leeds')).status).toBe(404);
    expect((await shop.get('/multiple/Arbor%20House/Amber%20Fields/')).json.id).toBe(1);
    expect((await shop.get('/multiple/Blue%20Door/Amber%20Fields/')).status).toBe(404);
    expect((await shop.get('/found/history/')).json).toEqual({ label: 'History' });
  });

  test('is looked for among the rows that the filters leave (GV03)', async () => {
    expect((await shop.get('/filtered/3/?lang=fr&search=cendre')).status).toBe(200);
    expect((await shop.get('/filtered/3/?lang=de')).status).toBe(404);
    expect((await shop.get('/filtered/3/?search=nothing')).status).toBe(404);
    expect(await shop.list('/filtered/?lang=fr')).toEqual([3]);
  });

  test('is given to object permissions, which forbid with 403 and their message, after 404 (PM10)', async () => {
    expect((await shop.get('/own/1/', { user: 'alice' })).status).toBe(200);
    expect(await shop.get('/own/1/', { user: 'bob' })).toMatchObject({ status: 403, json: { detail: 'Not yours.' } });
    expect((await shop.send('DELETE', '/own/1/', { user: 'bob' })).status).toBe(403);
    expect((await shop.get('/own/99/', { user: 'bob' })).status).toBe(404);
    IsOwner.asked = 0;
    expect((await shop.get('/own/1/')).status).toBe(401);
    expect(IsOwner.asked).toBe(0);
  });

  test('is loaded with what permissions need, in one statement', async () => {
    const count = await shop.countStatements(() => shop.get('/own/1/', { user: 'alice' }));

    // One finds out who the user is.
    expect(count).toBe(2);
  });
});

describe('the hooks of a generic view', () => {
  test('getQueryset says which rows there are, performCreate what is saved beside the data (GV02, GV07)', async () => {
    expect(await shop.list('/mine/')).toEqual(expect.any(Array));
    const { json } = await shop.get('/mine/', { user: 'bob' });
    expect(json.map(({ id }: Book) => id)).toEqual([3, 4]);

    const made = await shop.send('POST', '/mine/', { user: 'bob', json: { title: 'T', isbn: '1' } });
    expect((await shop.get('/mine/', { user: 'bob' })).json.map(({ id }: Book) => id)).toEqual([3, 4, made.json.id]);
  });

  test('getSerializerClass chooses by request, getSerializerContext tells what serializers know (GV05)', async () => {
    expect((await shop.get('/by-user/', { user: 'alice' })).json[0]).toEqual({ id: 1, title: 'Amber Fields' });
    expect((await shop.get('/by-user/', { user: 'sam' })).json[0]).toMatchObject({ price: '12.50' });
    expect((await shop.get('/context/')).json).toEqual({ own: true, view: true, format: null });
  });

  test('performUpdate and performDestroy replace what is done (GV07)', async () => {
    expect((await shop.send('PATCH', '/renamed/1/', { json: { label: 'x' } })).json.label).toBe('by hand');
    expect((await shop.send('DELETE', '/kept/1/')).status).toBe(204);
    expect((await shop.get('/all/1/')).json.label).toBe('gone');
  });

  test('paginateQueryset and getPaginatedResponse serve handlers of one’s own (GV06)', async () => {
    const { json } = await shop.get('/pages/?page=2');

    expect(json).toEqual({
      count: 4,
      next: null,
      previous: 'http://shop.test/pages/',
      results: [
        { id: 4, title: '100% Tea' },
        { id: 6, title: 'Snake_case' },
      ],
    });
  });
});

describe('changes at the same time', () => {
  test('of different columns lose nothing, whatever is written, by however many clients', async () => {
    const values = fc.record({
      title: fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() === text && !text.includes('\0')),
      pages: fc.integer({ min: 0, max: 9999 }),
      price: fc.integer({ min: 0, max: 9999 }).map((cents) => (cents / 100).toFixed(2)),
    });
    await fc.assert(
      fc.asyncProperty(values, fc.constantFrom('unlocked', 'locked'), async (book, at) => {
        const answers = await Promise.all(
          Object.entries(book).map(([name, value]) => shop.send('PATCH', `/${at}/1/`, { json: { [name]: value } })),
        );

        expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
        expect(await shop.dataSource.manager.findOneByOrFail(Book, { id: 1 })).toMatchObject(book);
      }),
      { numRuns: 40 },
    );
  });

  test('wait for each other with lockOnWrite, and find what was written before them', async () => {
    const send = () => shop.send('PATCH', '/counting/6/', { json: {} });
    const pages = (await Promise.all([send(), send(), send(), send()])).map(({ json }) => json.pages);

    expect(pages.sort((a, b) => a - b)).toEqual([11, 12, 13, 14]);
  });
});
