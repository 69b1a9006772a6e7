import { createDataSource } from '@rf/orm';
import { createTestDatabase, openTestDatabase } from '@rf/testing/database';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { expect, test } from 'vitest';

@Entity('testing_note')
class Note {
  @PrimaryGeneratedColumn('identity', { type: 'integer' }) id!: number;
  @Column({ type: 'varchar', length: 20 }) text!: string;
}

test('each test database is empty and its own', async () => {
  const [one, two] = await Promise.all([
    openTestDatabase({ entities: [Note] }),
    openTestDatabase({ entities: [Note] }),
  ]);
  await one.dataSource.getRepository(Note).save({ text: 'one' });

  expect(await one.dataSource.getRepository(Note).count()).toBe(1);
  expect(await two.dataSource.getRepository(Note).count()).toBe(0);
  await Promise.all([one.close(), two.close()]);
});

test('a test database keeps what was written until it is removed', async () => {
  const database = await createTestDatabase();
  const write = await createDataSource({ url: database.url, entities: [] });
  await write.query('CREATE TABLE kept (n integer)');
  await write.destroy();
  const read = await createDataSource({ url: database.url, entities: [] });

  expect(await read.query('SELECT * FROM kept')).toEqual([]);
  await read.destroy();
  await database.remove();
  if (database.kind === 'postgresql') {
    await expect(createDataSource({ url: database.url, entities: [] })).rejects.toThrow('does not exist');
  }
});
