import { DjangoModelPermissionsOrAnonReadOnly } from '@rf/auth';
import { action, FieldFilter, ModelViewSet, OrderingFilter, SearchFilter } from '@rf/generics';
import { queryBudget } from '@rf/orm';
import type { BaseSerializer, SerializerOptions } from '@rf/serializers';
import { IsAuthenticatedOrReadOnly, permissionClasses, type Params, type Request, type Response } from '@rf/views';
import { Author, Book, Publisher, Review, Tag } from './entities.ts';
import { BookFilter } from './filters.ts';
import { AuthorPages, BookPages, NewestFirst, ReviewPages } from './pagination.ts';
import { IsReviewerOrReadOnly } from './permissions.ts';
import {
  AuthorSerializer,
  BookSerializer,
  PublisherSerializer,
  ReviewSerializer,
  ShortBookSerializer,
  TagSerializer,
} from './serializers.ts';
import { saveShownInBooks } from './shown-in-books.ts';

@permissionClasses(DjangoModelPermissionsOrAnonReadOnly)
@queryBudget({ list: 3, retrieve: 4, newest: 2 })
export class BookViewSet extends ModelViewSet<Book> {
  override queryset = Book;
  override serializerClass = BookSerializer;
  override filterBackends = [FieldFilter, SearchFilter, OrderingFilter];
  override filtersetClass = BookFilter;
  override searchFields = ['title', 'authors__name'];
  override orderingFields = ['title', 'price', 'published'];
  override ordering = 'title';
  override paginationClass = BookPages;
  override etagField = 'version';

  @action({
    detail: false,
    serializerClass: ShortBookSerializer,
    paginationClass: NewestFirst,
    filterBackends: [FieldFilter, SearchFilter],
  })
  newest(request: Request, params: Params): Promise<Response> {
    return this.list(request, params);
  }

  @action({ detail: true, methods: ['post'] })
  async discontinue(): Promise<unknown> {
    return this.changeObject(async (book) => {
      const serializer = this.getSerializer({ instance: book });
      await serializer.update(book, { inPrint: false });
      return serializer.data;
    });
  }
}

/** What members think of one book. */
@permissionClasses(IsAuthenticatedOrReadOnly, IsReviewerOrReadOnly)
export class ReviewViewSet extends ModelViewSet<Review> {
  override queryset = Review;
  override serializerClass = ReviewSerializer;
  override paginationClass = ReviewPages;

  override async performCreate(serializer: BaseSerializer): Promise<void> {
    await serializer.save({ ...this.getParentValues(), reviewer: this.request.user });
  }
}

@permissionClasses(DjangoModelPermissionsOrAnonReadOnly)
@queryBudget({ list: 3 })
export class AuthorViewSet extends ModelViewSet<Author> {
  override queryset = Author;
  override serializerClass = AuthorSerializer;
  override filterBackends = [SearchFilter, OrderingFilter];
  override searchFields = ['name'];
  override ordering = 'name';
  override paginationClass = AuthorPages;

  override performUpdate(serializer: BaseSerializer): Promise<void> {
    return saveShownInBooks(this.request, serializer, 'authors');
  }
}

@permissionClasses(DjangoModelPermissionsOrAnonReadOnly)
export class PublisherViewSet extends ModelViewSet<Publisher> {
  override queryset = Publisher;
  override serializerClass = PublisherSerializer;
  override filterBackends = [OrderingFilter];
  override ordering = 'name';
}

@permissionClasses(DjangoModelPermissionsOrAnonReadOnly)
export class TagViewSet extends ModelViewSet<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;
  override filterBackends = [OrderingFilter];
  override ordering = 'slug';
  override lookupField = 'slug';

  /** A list in the body makes many tags at once, or none. */
  override getSerializer(options: SerializerOptions = {}) {
    return super.getSerializer({ many: Array.isArray(options.data), maxLength: 500, ...options });
  }

  override performUpdate(serializer: BaseSerializer): Promise<void> {
    return saveShownInBooks(this.request, serializer, 'tags');
  }
}
