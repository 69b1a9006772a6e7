import {
  CursorPagination,
  LimitOffsetPagination,
  ListAPIView,
  OrderingFilter,
  PageNumberPagination,
  type PaginationClass,
} from '@rf/generics';
import { db } from '@rf/orm';
import { path, Response, type UrlEntry, type ViewClass } from '@rf/views';
import type { SelectQueryBuilder } from 'typeorm';
import { Book, Review } from './entities.ts';
import { BookMiniSerializer, ReviewSerializer } from './serializers-shared.ts';

class BookPage extends ListAPIView<Book> {
  override queryset = Book;
  override serializerClass = BookMiniSerializer;
}

class EmptyPage extends BookPage {
  override getQueryset(): SelectQueryBuilder<Book> {
    return db(this.request).getRepository(Book).createQueryBuilder('book').where('FALSE');
  }
}

export class ShopPagination extends PageNumberPagination {
  override pageSize = 5;
  override pageSizeQueryParam = 'page_size';
  override maxPageSize = 8;
}

class FixedPagination extends PageNumberPagination {
  override pageSize = 5;
  override pageQueryParam = 'p';
  override lastPageStrings = ['last', 'end'];
  override invalidPageMessage = 'No page {page_number} here.';
}

class UnsizedPagination extends PageNumberPagination {
  override pageSizeQueryParam = 'size';
}

class ShopLimit extends LimitOffsetPagination {
  override defaultLimit = 4;
  override maxLimit = 10;
}

class OptionalLimit extends LimitOffsetPagination {
  override limitQueryParam = 'take';
  override offsetQueryParam = 'skip';
}

class CreatedCursor extends CursorPagination {
  override pageSize = 5;
  override ordering = '-created';
}

class IdCursor extends CursorPagination {
  override pageSize = 4;
  override ordering = 'id';
  override pageSizeQueryParam = 'page_size';
  override maxPageSize = 6;
}

class StarsCursor extends CursorPagination {
  override pageSize = 3;
  override ordering = ['-stars', 'id'];
  override cursorQueryParam = 'at';
}

class LinkHeaderPagination extends ShopPagination {
  override getPaginatedResponse(data: unknown): Response {
    const links = [
      [this.getNextLink(), 'next'],
      [this.getPreviousLink(), 'prev'],
    ].filter(([url]) => url !== null);
    const headers: Record<string, string> =
      links.length === 0 ? {} : { Link: links.map(([url, rel]) => `<${url}>; rel="${rel}"`).join(', ') };
    return new Response(data, { headers });
  }
}

class ReviewPage extends ListAPIView<Review> {
  override queryset = Review;
  override serializerClass = ReviewSerializer;
  override paginationClass = StarsCursor;
}

class OrderedCursor extends BookPage {
  override paginationClass = IdCursor;
  override filterBackends = [OrderingFilter];
  override orderingFields = ['id', 'title'];
}

function paged(View: ViewClass, paginationClass: PaginationClass | null): ViewClass {
  const Paged = class extends (View as typeof BookPage) {
    override paginationClass = paginationClass;
  };
  Object.defineProperty(Paged, 'name', { value: View.name });
  return Paged;
}

export const paginationUrls: UrlEntry[] = [
  path('/pagination/none/', paged(BookPage, null)),
  path('/pagination/page/', paged(BookPage, ShopPagination)),
  path('/pagination/page-empty/', paged(EmptyPage, ShopPagination)),
  path('/pagination/page-fixed/', paged(BookPage, FixedPagination)),
  path('/pagination/page-unsized/', paged(BookPage, UnsizedPagination)),
  path('/pagination/limit/', paged(BookPage, ShopLimit)),
  path('/pagination/limit-empty/', paged(EmptyPage, ShopLimit)),
  path('/pagination/limit-optional/', paged(BookPage, OptionalLimit)),
  path('/pagination/cursor/', paged(BookPage, CreatedCursor)),
  path('/pagination/cursor-id/', paged(BookPage, IdCursor)),
  path('/pagination/cursor-empty/', paged(EmptyPage, IdCursor)),
  path('/pagination/cursor-stars/', ReviewPage),
  path('/pagination/cursor-ordered/', OrderedCursor),
  path('/pagination/link-header/', paged(BookPage, LinkHeaderPagination)),
];
