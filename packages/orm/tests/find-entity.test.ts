import { atomic, countQueries, findEntity, setRollback, substitutable } from '@rf/orm';
import { type OpenTestDatabase, openTestDatabase } from '@rf/testing/database';
import {
  AfterLoad,
  Column,
  DeleteDateColumn,
  Entity,
  JoinTable,
  ManyToMany,
  ManyToOne,
  PrimaryGeneratedColumn,
} from 'typeorm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { siteOf } from './fixtures/site.ts';

const upper = { to: (text: string) => text.toLowerCase(), from: (text: string) => text.toUpperCase() };

@Entity('team')
class Team {
  @PrimaryGeneratedColumn('identity', { type: 'integer' })
  id!: number;

  @Column({ type: 'varchar', length: 20 })
  name!: string;
}

@Entity('account')
class Account {
  @PrimaryGeneratedColumn('identity', { type: 'integer' })
  id!: number;

  @Column({ type: 'varchar', length: 20, unique: true, transformer: upper })
  login!: string;
}

class Address {
  @Column({ type: 'varchar', length: 20 })
  city!: string;
}

/** What a project may put in the place of an account. */
@Entity('member')
class Member extends Account {
  readonly #made = 'by its constructor';

  @Column(() => Address)
  address!: Address;

  @Column({ type: 'timestamptz' })
  joined!: Date;

  @Column({ type: 'text', array: true })
  words!: string[];

  @Column({ type: 'varchar', length: 20, select: false })
  hidden!: string;

  @DeleteDateColumn({ type: 'timestamptz' })
  deleted!: Date | null;

  @ManyToOne(() => Team, { eager: true })
  team!: Team;

  @ManyToMany(() => Team, { eager: true })
  @JoinTable()
  guests!: Team[];

  @ManyToOne(() => Team, { lazy: true })
  lazyTeam!: Promise<Team | null>;

  greeting = '';

  get made(): string {
    return this.#made;
  }

  @AfterLoad()
  protected greet(): void {
    this.greeting = `Hello ${this.login}`;
  }
}

@Entity('badge')
class Badge {
  @PrimaryGeneratedColumn('identity', { type: 'integer' })
  id!: number;

  @Column({ type: 'varchar', length: 20 })
  code!: string;

  @ManyToOne(
    substitutable(() => Account),
    { nullable: true },
  )
  holder!: Account | null;
}

let database: OpenTestDatabase;
let site: ReturnType<typeof siteOf>;

beforeAll(async () => {
  const substitutes = new Map([[Account, Member]]);
  database = await openTestDatabase({ entities: [Team, Member, Badge], substitutes, poolSize: 3 });
  site = siteOf(database.dataSource);
  await database.dataSource.query("INSERT INTO team VALUES (1, 'red'), (2, 'blue')");
  await database.dataSource.query(`
    INSERT INTO member (id, login, address_city, joined, words, hidden, deleted, team_id, lazy_team_id)
    VALUES (1, 'ann', 'Bonn', '2026-01-31 08:15:00.123+00', ARRAY['a', 'b,c'], 'secret', NULL, 1, 2),
           (2, 'gone', 'Ulm', now(), '{}', 'secret', now(), 1, NULL)`);
  await database.dataSource.query('INSERT INTO member_guests (member_id, team_id) VALUES (1, 1), (1, 2)');
  await database.dataSource.query("INSERT INTO badge (code, holder_id) VALUES ('ann', 1), ('free', NULL), ('gone', 2)");
});
afterAll(() => database.close());

describe('findEntity', () => {
  test('finds what findOne finds, in one statement', async () => {
    const { result, statements } = await countQueries(() => findEntity(site, Badge, { code: 'ann' }, ['holder']));
    const expected = await database.dataSource.manager.findOne(Badge, {
      where: { code: 'ann' },
      relations: { holder: true },
    });

    expect(statements).toHaveLength(1);
    // The moment keeps its microseconds, which TypeORM cuts off.
    const plain = (badge: Badge | null): unknown =>
      JSON.parse(JSON.stringify({ ...badge, holder: { ...badge?.holder, joined: null } }));
    expect(plain(result)).toEqual(plain(expected));
    expect(result?.holder).toBeInstanceOf(Member);
  });

  test('makes entities of the class in force, with constructor, eager relations, transformers and listeners', async () => {
    const found = (await findEntity(site, Account, { login: 'ANN' })) as Member;

    expect(found).toBeInstanceOf(Member);
    expect([found.made, found.greeting, found.login]).toEqual(['by its constructor', 'Hello ANN', 'ANN']);
    expect([found.address.city, found.words, found.joined.toISOString()]).toEqual([
      'Bonn',
      ['a', 'b,c'],
      '2026-01-31T08:15:00.123Z',
    ]);
    expect([found.team.name, found.guests.map(({ name }) => name).toSorted()]).toEqual(['red', ['blue', 'red']]);
    expect((await found.lazyTeam)?.name).toBe('blue');
    expect(found.hidden).toBeUndefined();
  });

  test('compares properties of a related entity', async () => {
    expect((await findEntity(site, Badge, { code: 'ann', 'holder.login': 'ann' }, ['holder']))?.code).toBe('ann');
    expect(await findEntity(site, Badge, { code: 'free', 'holder.login': 'ann' }, ['holder'])).toBeNull();
  });

  test('leaves relations null where there is nothing, and deleted rows out', async () => {
    expect((await findEntity(site, Badge, { code: 'free' }, ['holder']))?.holder).toBeNull();
    expect((await findEntity(site, Badge, { code: 'gone' }, ['holder']))?.holder).toBeNull();
    expect(await findEntity(site, Account, { login: 'gone' })).toBeNull();
  });

  test('finds nothing for a value that no row can have', async () => {
    expect(await findEntity(site, Badge, { code: 'a\0b' })).toBeNull();
    expect(await findEntity(site, Badge, { code: null })).toBeNull();
    expect(await findEntity(site, Team, { id: 2 ** 31 })).toBeNull();
  });

  test('reads in the transaction of atomic()', async () => {
    await atomic(site, async (manager) => {
      await manager.insert(Badge, { code: 'new' });
      expect((await findEntity(site, Badge, { code: 'new' }))?.code).toBe('new');
      expect((await findEntity(manager, Badge, { code: 'new' }))?.code).toBe('new');
      setRollback(site);
    });
    expect(await findEntity(site, Badge, { code: 'new' })).toBeNull();
  });

  test('names the property or relation that the entity does not have, and those that it has', async () => {
    await expect(findEntity(site, Badge, { colour: 'red' })).rejects.toThrow(
      'findEntity(): Badge has no column colour. It has: id, code',
    );
    await expect(findEntity(site, Badge, { code: 'ann' }, ['code'])).rejects.toThrow(
      'findEntity(): Badge has no relation code. It has: holder.',
    );
  });
});
