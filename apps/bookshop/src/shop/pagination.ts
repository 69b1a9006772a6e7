import { CursorPagination, KeysetPagination, LimitOffsetPagination, PageNumberPagination } from '@rf/generics';

/** `?page=2&page_size=50` */
export class BookPages extends PageNumberPagination {
  override pageSize = 10;
  override pageSizeQueryParam = 'page_size';
  override maxPageSize = 100;
}

/** `?limit=20&offset=40` */
export class AuthorPages extends LimitOffsetPagination {
  override defaultLimit = 10;
  override maxLimit = 100;
}

/** Links from page to page, as Django REST framework makes them. */
export class ReviewPages extends CursorPagination {
  override pageSize = 10;
  override ordering = '-created';
}

/** Signed links over two columns: no book is shown twice or left out, whatever comes and goes meanwhile. */
export class NewestFirst extends KeysetPagination {
  override pageSize = 5;
  override ordering = ['-published', 'title'];
}
