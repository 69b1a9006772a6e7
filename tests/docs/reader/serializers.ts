// The serializers that pages of the documentation import from the reader's project.
import { ModelSerializer } from '@rf/orm';
import { Author, Book, OrderLine, Tag } from './entities.ts';

export class AuthorSerializer extends ModelSerializer(Author, { fields: ['id', 'name'] }) {}

export class BookSerializer extends ModelSerializer(Book, {
  fields: ['id', 'title', 'isbn', 'price', 'published', 'pages', 'created', 'publisher', 'authors'],
}) {}

export class OrderLineSerializer extends ModelSerializer(OrderLine, { fields: ['id', 'isbn', 'quantity'] }) {}

export class TagSerializer extends ModelSerializer(Tag, { fields: ['id', 'slug', 'label'] }) {}
