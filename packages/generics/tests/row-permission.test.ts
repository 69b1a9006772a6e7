import { ImproperlyConfigured } from '@rf/exceptions';
import { action, ListAPIView, ModelViewSet, type Queryset, RowPermission, SimpleRouter } from '@rf/generics';
import { db, ModelSerializer } from '@rf/orm';
import { type BaseSerializer } from '@rf/serializers';
import {
  AllowAny,
  allOf,
  anyOf,
  include,
  not,
  type Params,
  path,
  permissionClasses,
  type Request,
  Response,
} from '@rf/views';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ShopServer } from './fixtures/server.ts';
import { Book, Member } from './fixtures/shop.ts';

/** Everybody sees books in print and their own; only owners change theirs. */
class OwnBooks extends RowPermission<Book> {
  override readonly message = 'Only the owner may do this.';
  override filterRows(request: Request, queryset: Queryset<Book>) {
    return queryset.andWhere('(book.inPrint OR book.owner = :me)', { me: request.user.id ?? 0 });
  }
  override filterChangeable(request: Request, queryset: Queryset<Book>) {
    return queryset.andWhere('book.owner = :owner', { owner: request.user.id ?? 0 });
  }
}
class OwnedSerializer extends ModelSerializer(Book, { fields: ['id', 'title', 'isbn', 'owner'] }) {}

@permissionClasses(OwnBooks)
class Books extends ModelViewSet<Book> {
  override queryset = Book;
  override serializerClass = OwnedSerializer;
}
class Fixed extends Books {
  override async performCreate(serializer: BaseSerializer) {
    await serializer.save({ owner: await db(this.request).findOneByOrFail(Member, { name: 'alice' }) });
  }
}
/** Chooses its permissions with each request. */
class Chosen extends Books {
  override getPermissions() {
    return [new (not(OwnBooks))()];
  }
}
const router = new SimpleRouter();
router.register('books', Books);
router.register('fixed', Fixed, { basename: 'fixed' });
router.register('chosen', Chosen, { basename: 'chosen' });

let shop: ShopServer;
beforeAll(async () => {
  shop = await ShopServer.start(router.urls);
});
afterAll(() => shop.close());
beforeEach(() => shop.reset());

const ids = async (user?: string): Promise<number[]> => {
  const { json } = await shop.get('/books/', user === undefined ? {} : { user });
  return json.map(({ id }: Book) => id);
};

describe('RowPermission', () => {
  test('lists only rows that may be seen, and finds no others (W24)', async () => {
    expect(await ids('bob')).toEqual([1, 2, 3, 4, 6]);
    expect(await ids('alice')).toEqual([1, 2, 4, 5, 6]);
    expect(await ids()).toEqual([1, 2, 4, 6]);
    expect((await shop.get('/books/3/', { user: 'bob' })).status).toBe(200);
    expect((await shop.get('/books/3/', { user: 'alice' })).status).toBe(404);
  });

  test('shows a row with one statement, since what is left out needs no asking', async () => {
    expect(await shop.countStatements(() => shop.get('/books/1/'))).toBe(1);
  });

  test.each(['PUT', 'PATCH', 'DELETE'])(
    'refuses %s of a row that may be seen only with 403, a hidden one is 404',
    async (method) => {
      const json = { title: 'T', isbn: '5', owner: 2 };

      expect(await shop.send(method, '/books/1/', { user: 'bob', json })).toMatchObject({
        status: 403,
        json: { detail: 'Only the owner may do this.' },
      });
      expect((await shop.send(method, '/books/5/', { user: 'bob', json })).status).toBe(404);
      expect((await shop.send(method, '/books/3/', { user: 'bob', json })).status).toBeLessThan(300);
    },
  );

  test('undoes the making of a row that its maker could not change', async () => {
    const made = await shop.send('POST', '/books/', { user: 'alice', json: { title: 'T', isbn: '1', owner: 1 } });
    const refused = await shop.send('POST', '/books/', { user: 'alice', json: { title: 'T', isbn: '2', owner: 2 } });

    expect([made.status, refused.status]).toEqual([201, 403]);
    expect(
      (await shop.send('POST', '/fixed/', { user: 'bob', json: { title: 'T', isbn: '3', owner: 2 } })).status,
    ).toBe(403);
    expect(await shop.dataSource.manager.countBy(Book, { title: 'T' })).toBe(1);
  });

  test('cannot be mounted as part of another permission, where it could leave no rows out', () => {
    @permissionClasses(allOf(AllowAny, anyOf(OwnBooks, AllowAny)))
    class OfClass extends Books {}
    class OfMethod extends ListAPIView<Book> {
      override queryset = Book;
      override serializerClass = OwnedSerializer;
      @permissionClasses(not(OwnBooks))
      override get(request: Request, params: Params) {
        return this.list(request, params);
      }
    }
    class OfAction extends Books {
      override permissionClasses = { destroy: [anyOf(OwnBooks, AllowAny)] };
    }
    class OfExtra extends Books {
      @action({ detail: true })
      @permissionClasses(not(OwnBooks))
      sell() {
        return new Response({});
      }
    }
    const urls = (view: typeof Books) => {
      const books = new SimpleRouter();
      books.register('books', view);
      return books.urls;
    };

    for (const [name, entry] of [
      ['OfClass', include('/', urls(OfClass))],
      ['OfMethod', path('/books/', OfMethod)],
      ['OfAction', include('/', urls(OfAction))],
      ['OfExtra', include('/', urls(OfExtra))],
    ] as const) {
      expect(() => shop.mount(entry)).toThrow(
        new ImproperlyConfigured(
          `OwnBooks stands inside another permission of ${name}, where it cannot leave rows out of lists. Write ` +
            '`@permissionClasses(OwnBooks, …)`: all that are listed must agree.',
        ),
      );
    }
  });

  test('shows nothing where a view makes it part of another permission later, and says so in the log', async () => {
    expect((await shop.get('/chosen/')).status).toBe(500);
    expect(shop.log.at(-1)).toMatch(/OwnBooks stands inside another permission of Chosen/);
  });

  test('does not let a row become one that its writer could not change', async () => {
    const { status } = await shop.send('PATCH', '/books/1/', { user: 'alice', json: { owner: 2 } });

    expect(status).toBe(403);
    expect((await shop.send('PATCH', '/books/1/', { user: 'alice', json: { title: 'Own' } })).status).toBe(200);
    expect(await ids('alice')).toContain(1);
    expect(await shop.dataSource.manager.countBy(Book, { id: 1, owner: { id: 1 } })).toBe(1);
  });
});
