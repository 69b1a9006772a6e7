import { DefaultRouter, ModelViewSet, ReadOnlyModelViewSet, SearchFilter, SimpleRouter, ViewSet } from '@rf/generics';
import { ModelSerializer } from '@rf/orm';
import {
  BasePermission,
  include,
  IsAuthenticatedOrReadOnly,
  isSafeMethod,
  permissionClasses,
  type Request,
} from '@rf/views';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ShopServer } from './fixtures/server.ts';
import { Author, Book, Member, Publisher, PublisherSerializer } from './fixtures/shop.ts';

class ChildSerializer extends ModelSerializer(Book, { fields: ['id', 'title', 'isbn', 'publisher', 'authors'] }) {}
class AuthorSerializer extends ModelSerializer(Author, { fields: ['id', 'name'] }) {}
class MemberSerializer extends ModelSerializer(Member, { fields: ['id', 'name'] }) {}
class NewBookSerializer extends ModelSerializer(Book, { fields: ['id', 'title', 'isbn'] }) {}

class MayUseArbor extends BasePermission {
  static asked: string[] = [];
  override hasObjectPermission(request: Request, _view: unknown, object: unknown): boolean {
    MayUseArbor.asked.push(`${request.method} ${(object as Publisher).name}`);
    return (object as Publisher).name !== 'Arbor House' || request.user.getUsername() !== 'mallory';
  }
}
class NotBob extends BasePermission {
  override hasObjectPermission(request: Request): boolean {
    return isSafeMethod(request.method) || request.user.getUsername() !== 'bob';
  }
}

@permissionClasses(IsAuthenticatedOrReadOnly, MayUseArbor)
class Publishers extends ModelViewSet<Publisher> {
  override queryset = Publisher;
  override serializerClass = PublisherSerializer;
  override filterBackends = [SearchFilter];
  override searchFields = ['name'];
  override getQueryset() {
    return super.getQueryset().andWhere("publisher.city <> 'hidden'");
  }
}
@permissionClasses(IsAuthenticatedOrReadOnly, NotBob)
class Books extends ModelViewSet<Book> {
  override queryset = Book;
  override serializerClass = NewBookSerializer;
  override filterBackends = [SearchFilter];
  override searchFields = ['title'];
}
class Authors extends ReadOnlyModelViewSet<Author> {
  override queryset = Author;
  override serializerClass = AuthorSerializer;
  override getQueryset() {
    return super.getQueryset();
  }
}
class Members extends ModelViewSet<Member> {
  override queryset = Member;
  override serializerClass = MemberSerializer;
  override lookupField = 'name';
}
class Parented extends ReadOnlyModelViewSet<Book> {
  override queryset = Book;
  override serializerClass = ChildSerializer;
  override async list() {
    return { parents: this.parentObjects.map((parent) => (parent as Publisher).name) } as never;
  }
}

class Whole extends ModelViewSet<Book> {
  override queryset = Book;
  override serializerClass = ChildSerializer;
}

const router = new DefaultRouter();
const publishers = router.register('publishers', Publishers);
const books = publishers.nest('books', Books);
books.nest('authors', Authors, { relation: 'books' });
publishers.nest('whole', Whole, { basename: 'whole' });
router.register('authors', Authors).nest('books', Whole, { relation: 'authors', basename: 'written' });
publishers.nest('told', Parented, { basename: 'told' });
router
  .register('members', Members)
  .nest('books', Books, { relation: 'publisher__owner', basename: 'owned', param: 'who' });

let shop: ShopServer;
beforeAll(async () => {
  shop = await ShopServer.start(router.urls);
});
afterAll(() => shop.close());
beforeEach(async () => {
  await shop.reset();
  MayUseArbor.asked = [];
});

describe('a nested viewset', () => {
  test('has URLs below one object of its parent, named after both (W36)', () => {
    const { urls } = shop.site;

    expect(urls.reverse('publisher-book-list', { publisherPk: 1 })).toBe('/publishers/1/books/');
    expect(urls.reverse('publisher-book-detail', { publisherPk: 1, pk: 2 })).toBe('/publishers/1/books/2/');
    expect(urls.reverse('publisher-book-author-list', { publisherPk: 1, bookPk: 2 })).toBe(
      '/publishers/1/books/2/authors/',
    );
    expect(urls.reverse('owned-list', { who: 'bob' })).toBe('/members/bob/books/');
  });

  test('shows only the rows of the parent, at any depth, by any path between them', async () => {
    expect(await shop.list('/publishers/1/books/')).toEqual([1, 2]);
    expect(await shop.list('/publishers/2/books/')).toEqual([3, 5]);
    expect(await shop.list('/publishers/1/books/2/authors/')).toEqual([1, 2]);
    expect(await shop.list('/members/bob/books/')).toEqual([3, 5]);
    expect((await shop.get('/publishers/1/books/3/')).status).toBe(404);
    expect((await shop.get('/publishers/1/books/2/authors/3/')).status).toBe(404);
    expect((await shop.get('/publishers/1/books/2.json')).json).toMatchObject({ id: 2 });
  });

  test('is not found below a parent that is not, nor below one of another grandparent', async () => {
    expect((await shop.get('/publishers/9/books/')).json).toEqual({ detail: 'No Publisher matches the given query.' });
    expect((await shop.get('/publishers/x/books/')).json).toEqual({ detail: 'Not found.' });
    expect((await shop.get('/publishers/2/books/2/authors/')).json).toEqual({
      detail: 'No Book matches the given query.',
    });
    await shop.dataSource.manager.update(Publisher, { id: 1 }, { city: 'hidden' });
    expect((await shop.get('/publishers/1/books/')).status).toBe(404);
  });

  test('does not take the filters of the request for its parent', async () => {
    expect(await shop.list('/publishers/1/books/?search=amber')).toEqual([1]);
  });

  test('asks the parent’s permissions once, as for reading it', async () => {
    const mallory = await shop.dataSource.manager.save(Member, { name: 'mallory', isStaff: false });
    const statements = await shop.countStatements(() => shop.get('/publishers/1/books/'));

    expect(MayUseArbor.asked).toEqual(['GET Arbor House']);
    expect(statements).toBe(2);
    expect((await shop.get('/publishers/1/books/', { user: mallory.name })).status).toBe(403);
    expect((await shop.send('POST', '/publishers/1/books/', { user: mallory.name, json: {} })).status).toBe(403);
  });

  test('saves new rows with the parent, whatever the body says of it', async () => {
    const json = { title: 'T', isbn: '1', publisher: 2 };
    const { status, json: made } = await shop.send('POST', '/publishers/1/books/', { user: 'alice', json });

    expect(status).toBe(201);
    expect(await shop.list('/publishers/1/books/')).toEqual([1, 2, made.id]);
    expect((await shop.send('POST', '/publishers/9/books/', { user: 'alice', json })).status).toBe(404);
  });

  test('does not let a body move a row to another parent', async () => {
    const json = { title: 'T', publisher: 2 };
    const moved = await shop.send('PATCH', '/publishers/1/whole/1/', { user: 'alice', json });

    expect(moved).toMatchObject({ status: 200, json: { id: 1, title: 'T', publisher: 1 } });
    expect(await shop.list('/publishers/1/books/')).toEqual([1, 2]);
  });

  test('gives a new row its parent where it may have several, and leaves the others to a row that is there', async () => {
    const made = await shop.send('POST', '/authors/3/books/', { json: { title: 'T', isbn: '1', authors: [1] } });
    const changed = await shop.send('PATCH', '/authors/1/books/2/', { json: { title: 'N' } });

    expect([made.status, made.json.authors]).toEqual([201, [3]]);
    expect([changed.status, changed.json.authors.sort()]).toEqual([200, [1, 2]]);
  });

  test('changes and deletes only rows of the parent, under its own permissions', async () => {
    const change = (at: string, user: string) => shop.send('PATCH', at, { user, json: { title: 'N' } });

    expect((await change('/publishers/1/books/1/', 'alice')).status).toBe(200);
    expect((await change('/publishers/1/books/1/', 'bob')).status).toBe(403);
    expect((await change('/publishers/2/books/1/', 'alice')).status).toBe(404);
    expect((await shop.send('DELETE', '/publishers/2/books/1/', { user: 'alice' })).status).toBe(404);
    expect((await shop.send('DELETE', '/publishers/1/books/1/', { user: 'alice' })).status).toBe(204);
  });

  test('knows its parents from the outside in, and stays out of the root of the router', async () => {
    expect((await shop.get('/publishers/1/told/')).json).toEqual({ parents: ['Arbor House'] });
    expect(Object.keys((await shop.get('/')).json)).toEqual(['publishers', 'authors', 'members']);
  });

  test('describes itself to who may use it', async () => {
    const { json } = await shop.send('OPTIONS', '/publishers/1/books/', { user: 'alice' });

    expect(Object.keys(json.actions.POST)).toEqual(['id', 'title', 'isbn']);
    expect((await shop.send('OPTIONS', '/publishers/9/books/')).status).toBe(404);
  });
});

describe('nest', () => {
  class Untied extends ViewSet {
    list() {
      return [];
    }
  }
  test('refuses what has no relation to the parent, or several, and says what to write', () => {
    const fresh = new SimpleRouter();

    expect(() => fresh.register('authors', Authors).nest('members', Members)).toThrow(
      'Members is nested under Authors, but which relation leads to the parent cannot be told: none was found. Write ' +
        "nest(prefix, Members, { relation: 'name' }).",
    );
    expect(() => fresh.register('publishers', Publishers).nest('untied', Untied)).toThrow('none was found');
  });

  test('refuses a relation that there is not when the server starts', () => {
    const fresh = new SimpleRouter();
    fresh.register('publishers', Publishers).nest('books', Books, { relation: 'editor' });

    expect(() => shop.mount(include('/', fresh.urls))).toThrow(
      'Books nested under Publishers: Book has no relation editor. Write `nest(prefix, viewSet, ',
    );
  });
});
