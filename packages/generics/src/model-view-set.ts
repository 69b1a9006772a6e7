import type { ObjectLiteral } from 'typeorm';
import {
  CreateModelMixin,
  DestroyModelMixin,
  ListModelMixin,
  mix,
  RetrieveModelMixin,
  UpdateModelMixin,
} from './mixins.ts';
import { GenericViewSet } from './view-set.ts';

/** Lists and shows rows (VS01). */
export class ReadOnlyModelViewSet<Entity extends ObjectLiteral = ObjectLiteral> extends mix(
  GenericViewSet,
  RetrieveModelMixin,
  ListModelMixin,
)<Entity> {}

/**
 * Lists, shows, makes, changes and deletes rows (VS01).
 *
 * ```ts
 * class BookViewSet extends ModelViewSet<Book> {
 *   override queryset = Book;
 *   override serializerClass = BookSerializer;
 * }
 *
 * const router = new DefaultRouter();
 * router.register('books', BookViewSet);
 * ```
 */
export class ModelViewSet<Entity extends ObjectLiteral = ObjectLiteral> extends mix(
  GenericViewSet,
  CreateModelMixin,
  RetrieveModelMixin,
  UpdateModelMixin,
  DestroyModelMixin,
  ListModelMixin,
)<Entity> {}
