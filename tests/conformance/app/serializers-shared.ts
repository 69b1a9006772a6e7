import { ModelSerializer } from '@rf/orm';
import { Book, Publisher, Review, Tag } from './entities.ts';

export class BookMiniSerializer extends ModelSerializer(Book, { fields: ['id', 'title', 'isbn', 'price'] }) {}

export class IdTitleSerializer extends ModelSerializer(Book, { fields: ['id', 'title'] }) {}

export class TagSerializer extends ModelSerializer(Tag, { fields: ['id', 'slug', 'label'] }) {}

export class PublisherSerializer extends ModelSerializer(Publisher, { fields: ['id', 'name', 'city', 'website'] }) {}

export class ReviewSerializer extends ModelSerializer(Review, {
  fields: ['id', 'book', 'reviewer', 'stars', 'text', 'created'],
}) {}
