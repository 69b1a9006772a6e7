// The app that pages of the documentation import from the reader's project.
import { defineApp } from '@rf/project';
import { Author, Book, Order, OrderLine, Publisher, Review, Tag } from '../entities.ts';

export const bookshop = defineApp({
  label: 'docs',
  entities: [Author, Book, Order, OrderLine, Publisher, Review, Tag],
});
