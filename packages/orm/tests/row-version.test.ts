import { ModelSerializer } from '@rf/orm';
import { type OpenTestDatabase, openTestDatabase } from '@rf/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  BeforeUpdate,
  Column,
  Entity,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  PrimaryGeneratedColumn,
  VersionColumn,
} from 'typeorm';
import { shopRequest } from './fixtures/requests.ts';

@Entity('label')
class Label {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;
}

@Entity('shelf')
class Shelf {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @Column({ type: 'varchar', length: 20 })
  name!: string;

  @ManyToMany(() => Label)
  @JoinTable()
  labels!: Label[];

  @OneToMany(
    () => Box,
    (box) => box.shelf,
  )
  boxes!: Box[];

  @VersionColumn({ type: 'integer' })
  version!: number;
}

@Entity('box')
class Box {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @ManyToOne(
    () => Shelf,
    (shelf) => shelf.boxes,
    { nullable: true },
  )
  shelf!: Shelf | null;
}

/** One that TypeORM has to write, because it listens. */
@Entity('watched_shelf')
class WatchedShelf {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @Column({ type: 'varchar', length: 20 })
  name!: string;

  @ManyToMany(() => Label)
  @JoinTable()
  labels!: Label[];

  @VersionColumn({ type: 'integer' })
  version!: number;

  @BeforeUpdate()
  watch(): void {}
}

class ShelfSerializer extends ModelSerializer(Shelf, { fields: ['name', 'labels', 'boxes'] }) {}
class WatchedShelfSerializer extends ModelSerializer(WatchedShelf, { fields: ['name', 'labels'] }) {}

let database: OpenTestDatabase;

beforeAll(async () => {
  database = await openTestDatabase({ entities: [Label, Shelf, Box, WatchedShelf] });
  const { manager } = database.dataSource;
  await manager.insert(Label, [{}, {}, {}]);
  await manager.insert(Box, [{}, {}]);
});
afterAll(() => database.close());

/** The version of a row after each change. */
async function versions(entity: typeof Shelf | typeof WatchedShelf, changes: readonly object[]): Promise<number[]> {
  const { manager } = database.dataSource;
  const type = entity === Shelf ? ShelfSerializer : WatchedShelfSerializer;
  const { id } = await manager.save(manager.create(entity as typeof Shelf, { name: 'new' }));
  const found: number[] = [];
  for (const data of changes) {
    const instance = await manager.findOneByOrFail(entity as typeof Shelf, { id });
    const context = { request: shopRequest(database.dataSource) };
    const serializer = new type({ instance, data, partial: true, context });
    await serializer.isValid({ raise: true });
    await serializer.save();
    const stored = await manager.findOneByOrFail(entity as typeof Shelf, { id });
    expect(instance.version).toBe(stored.version);
    found.push(stored.version);
  }
  return found;
}

test.each([Shelf, WatchedShelf])('a change of a list counts as one of the row, once: %o', async (entity) => {
  const changes = [
    { labels: [1, 2] },
    { labels: [2, 1] },
    { labels: [1] },
    { labels: [1, 3], name: 'both' },
    { name: 'both', labels: [3, 1] },
  ];
  expect(await versions(entity, changes)).toEqual([2, 2, 3, 4, 4]);
});

test('so does one of a list whose key the other side has', async () => {
  expect(await versions(Shelf, [{ boxes: [1] }, { boxes: [1] }, { boxes: [1, 2] }, { boxes: [2] }])).toEqual([
    2, 2, 3, 4,
  ]);
});
