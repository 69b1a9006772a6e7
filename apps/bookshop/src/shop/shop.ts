import { defineApp } from '@rf/project';
import { Author, Book, Publisher, Review, Tag } from './entities.ts';
import { seedCommand } from './seed.ts';
import { shopUrls } from './urls.ts';

export const shop = defineApp({
  label: 'shop',
  entities: [Publisher, Author, Tag, Book, Review],
  migrations: new URL('./migrations/', import.meta.url),
  commands: [seedCommand],
  urls: shopUrls,
});
