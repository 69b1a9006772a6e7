import { createSuperuser, createUser, Group, Permission, users } from '@rf/auth';
import { atomic, db, type SiteOwner } from '@rf/orm';
import { defineCommand } from '@rf/project';
import { Decimal } from '@rf/serializers';
import { In } from 'typeorm';
import type { Member } from '../members/member.ts';
import { Author, Book, Publisher, Review, Tag } from './entities.ts';

const PUBLISHERS = [
  ['John Murray', 'London', 'https://www.johnmurraypress.co.uk/'],
  ['Chapman & Hall', 'London', ''],
  ['S. Fischer', 'Berlin', 'https://www.fischerverlage.de/'],
  ['Michel Lévy', 'Paris', ''],
] as const;

const AUTHORS = [
  ['Jane Austen', '1775-12-16'],
  ['Charles Dickens', '1812-02-07'],
  ['Thomas Mann', '1875-06-06'],
  ['Gustave Flaubert', '1821-12-12'],
  ['Wilkie Collins', '1824-01-08'],
] as const;

const TAGS = [
  ['classic', 'Classic'],
  ['satire', 'Satire'],
  ['family', 'Family saga'],
  ['travel', 'Travel'],
] as const;

const BOOKS = [
  ['Emma', '9780141439587', '8.99', '1815-12-23', 474, 'en', 'John Murray', ['Jane Austen'], ['classic', 'satire']],
  ['Persuasion', '9780141439686', '7.49', '1817-12-20', 249, 'en', 'John Murray', ['Jane Austen'], ['classic']],
  ['Bleak House', '9780141439723', '12.50', '1853-09-12', 1036, 'en', 'Chapman & Hall', ['Charles Dickens'], ['classic']],
  ['The Lazy Tour of Two Idle Apprentices', '9781843910206', '9.95', '1857-10-31', 132, 'en', 'Chapman & Hall',
    ['Charles Dickens', 'Wilkie Collins'], ['travel', 'satire']],
  ['Buddenbrooks', '9783596294312', '14.00', '1901-02-26', 768, 'de', 'S. Fischer', ['Thomas Mann'], ['classic', 'family']],
  ['Der Zauberberg', '9783596294336', '16.00', '1924-11-20', 1008, 'de', 'S. Fischer', ['Thomas Mann'], ['classic']],
  ['Madame Bovary', '9782070413119', '5.90', '1857-04-15', 512, 'fr', 'Michel Lévy', ['Gustave Flaubert'], ['classic']],
] as const; // biome-ignore format: one book a line

const REVIEWS = [
  ['Emma', 'alice', 5, 'Handsome, clever, and rich.'],
  ['Emma', 'bob', 4, 'Nothing happens, wonderfully.'],
  ['Buddenbrooks', 'alice', 4, ''],
  ['Madame Bovary', 'bob', 3, 'Poor Charles.'],
] as const;

/** Everybody's password is the name, `-pass-1` after it. */
const passwordOf = (username: string): string => `${username}-pass-1`;

/**
 * Fills an empty shop: books and what belongs to them; alice and bob, who write reviews; carol of the staff, who looks after the
 * books; admin, who may do everything. Does nothing where there are books.
 */
export function seed(site: SiteOwner): Promise<boolean> {
  return atomic(site, async (manager) => {
    if (await manager.exists(Book)) return false;
    const member = async (username: string, isStaff = false) =>
      ((await users(site).findOneBy({ username })) ??
        (await createUser(site, { username, password: passwordOf(username), isStaff }))) as Member;
    const members = new Map([
      ['alice', await member('alice')],
      ['bob', await member('bob')],
    ]);
    await giveBooks(site, await member('carol', true));
    if (!(await users(site).existsBy({ username: 'admin' }))) {
      await createSuperuser(site, { username: 'admin', password: passwordOf('admin') });
    }

    const publishers = await manager.save(
      PUBLISHERS.map(([name, city, website]) => manager.create(Publisher, { name, city, website })),
    );
    const authors = await manager.save(AUTHORS.map(([name, born]) => manager.create(Author, { name, born })));
    const tags = await manager.save(TAGS.map(([slug, label]) => manager.create(Tag, { slug, label })));
    const books = await manager.save(
      BOOKS.map(([title, isbn, price, published, pages, language, publisher, by, tagged]) =>
        manager.create(Book, {
          title,
          isbn,
          price: Decimal.of(price),
          published,
          pages,
          language,
          publisher: publishers.find(({ name }) => name === publisher) ?? null,
          authors: authors.filter(({ name }) => (by as readonly string[]).includes(name)),
          tags: tags.filter(({ slug }) => (tagged as readonly string[]).includes(slug)),
        }),
      ),
    );
    await manager.save(
      REVIEWS.map(([title, reviewer, stars, text]) =>
        manager.create(Review, {
          book: books.find((book) => book.title === title) as Book,
          reviewer: members.get(reviewer) as Member,
          stars,
          text,
        }),
      ),
    );
    return true;
  });
}

/** Staff who may add, change and delete whatever is in the shop. */
async function giveBooks(site: SiteOwner, clerk: Member): Promise<void> {
  const manager = db(site);
  const permissions = await manager.findBy(Permission, {
    contentType: { appLabel: 'shop', model: In(['book', 'author', 'publisher', 'tag']) },
  });
  clerk.groups = [await manager.save(manager.create(Group, { name: 'clerks', permissions }))];
  await manager.save(clerk);
}

/** `rf seed` */
export const seedCommand = defineCommand({
  name: 'seed',
  help: 'Fill an empty shop with books, and with people to try it as.',
  async run({ site, stdout }) {
    stdout((await seed(await site())) ? 'The shop has books.' : 'The shop has books already.');
  },
});
