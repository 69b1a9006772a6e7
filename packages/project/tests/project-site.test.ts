import { ServiceUnavailable } from '@rf/exceptions';
import { atomic, ConnectionWaitError, db } from '@rf/orm';
import { defineApp, defineProject, onCreate, onRemove, openProject, type ProjectDefinition } from '@rf/project';
import { createTestDatabase, type TestDatabase } from '@rf/testing/database';
import { resourceKey } from '@rf/views';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

@Entity('site_author')
class Author {
  @PrimaryGeneratedColumn('identity', { type: 'integer' }) id!: number;
  @Column({ type: 'varchar', length: 50 }) name!: string;
}

@Entity('site_diary')
class Diary {
  @PrimaryGeneratedColumn('identity', { type: 'integer' }) id!: number;
  @Column({ type: 'varchar', length: 50 }) text!: string;
}

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.remove());

const define = (definition: Partial<ProjectDefinition> = {}) =>
  defineProject({ apps: [], urls: [], secretKey: 'k'.repeat(40), ...definition, database: database.url });
const greeting = resourceKey<string>('greeting');

describe('openProject', () => {
  test('lets every app provide its services, then asks each whether it is ready', async () => {
    const calls: string[] = [];
    const one = defineApp({
      label: 'one',
      ready: (site) => void calls.push(`one is ready: ${site.resource(greeting)}`),
    });
    const two = defineApp({
      label: 'two',
      resources(site) {
        calls.push('two provides');
        site.provide(greeting, 'hello');
      },
      ready: () => void calls.push('two is ready'),
    });
    const site = await openProject(define({ apps: [one, two] }));
    await site.close();

    expect(calls).toEqual(['two provides', 'one is ready: hello', 'two is ready']);
  });

  test('closes the database again when an app is not ready', async () => {
    const weak = defineApp({
      label: 'weak',
      ready() {
        throw new Error('the key is weak');
      },
    });

    await expect(openProject(define({ apps: [weak] }))).rejects.toThrow('the key is weak');
    await (await openProject(define())).close();
  });

  test('refuses a service that two apps provide, and names one that none does', async () => {
    const provider = (label: string) => defineApp({ label, resources: (site) => site.provide(greeting, label) });

    await expect(openProject(define({ apps: [provider('one'), provider('two')] }))).rejects.toThrow(
      'Two apps provide "greeting"',
    );
    const site = await openProject(define({ apps: [defineApp({ label: 'one' })] }));
    expect(() => site.resource(greeting)).toThrow('Nothing provides "greeting"');
    expect(() => site.resource(greeting)).toThrow('Its apps are: one.');
    expect(site.optionalResource(greeting)).toBeUndefined();
    await site.close();
  });

  test('closes what was opened last first, and once', async () => {
    const calls: string[] = [];
    const site = await openProject(define());
    site.onClose(() => calls.push('first'));
    site.onClose(() => calls.push('second'));
    await Promise.all([site.close(), site.close()]);

    expect(calls).toEqual(['second', 'first']);
  });

  test('answers 503 for a database that is away, and leaves other errors alone', async () => {
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    const site = await openProject(define({ logger }));
    const other = new Error('other');

    expect(site.translateError(new ConnectionWaitError(1, 1))).toBeInstanceOf(ServiceUnavailable);
    expect(site.translateError(other)).toBe(other);
    await site.close();
  });

  test('makes a key of its own where none is set, except in production', async () => {
    const { NODE_ENV, SECRET_KEY } = process.env;
    delete process.env.SECRET_KEY;
    try {
      const project = defineProject({ apps: [], urls: [], database: database.url });
      const site = await openProject(project);
      expect(site.secretKey).toHaveLength(43);
      await site.close();
      process.env.NODE_ENV = 'production';
      await expect(openProject(project)).rejects.toThrow('set the environment variable SECRET_KEY');
    } finally {
      process.env.NODE_ENV = NODE_ENV;
      if (SECRET_KEY !== undefined) process.env.SECRET_KEY = SECRET_KEY;
    }
  });

  test('lets two projects live in one process', async () => {
    const other = await createTestDatabase();
    const one = await openProject(define({ settings: { pageSize: 1 } }));
    const two = await openProject(defineProject({ apps: [], urls: [], secretKey: 'two', database: other.url }));

    expect([one.settings.pageSize, two.settings.pageSize]).toEqual([1, null]);
    expect(db(one)).not.toBe(db(two));
    await Promise.all([one.close(), two.close()]);
    await other.remove();
  });
});

describe('onCreate', () => {
  const library = (fail: boolean) =>
    defineApp({
      label: 'library',
      entities: [Author, Diary],
      hooks: [
        onCreate(Author, async (author, manager) => {
          await manager.insert(Diary, { text: `made ${author.name}` });
          if (fail) throw new Error('hook failed');
        }),
      ],
    });

  test('runs with the entity, in the same transaction', async () => {
    const site = await openProject(define({ apps: [library(false)] }));
    await site.dataSource.synchronize();
    await db(site).save(Object.assign(new Author(), { name: 'Ada' }));
    await db(site).insert(Author, { name: 'Bob' });
    await atomic(site, async (manager) => {
      await manager.save(Object.assign(new Author(), { name: 'Cleo' }));
      throw new Error('undo');
    }).catch(() => {});

    expect((await db(site).find(Diary)).map(({ text }) => text)).toEqual(['made Ada', 'made Bob']);
    await site.close();
  });

  test('undoes the creation when it fails', async () => {
    const site = await openProject(define({ apps: [library(true)] }));
    await site.dataSource.synchronize();

    await expect(db(site).save(Object.assign(new Author(), { name: 'Ada' }))).rejects.toThrow('hook failed');
    expect([await db(site).count(Author), await db(site).count(Diary)]).toEqual([0, 0]);
    await site.close();
  });
});

describe('onRemove', () => {
  test('runs before the entity is gone, in the same transaction', async () => {
    const library = defineApp({
      label: 'library',
      entities: [Author, Diary],
      hooks: [
        onRemove(Author, async (author, manager) => {
          await manager.insert(Diary, { text: `${await manager.countBy(Author, { id: author.id })} ${author.name}` });
          if (author.name === 'Bob') throw new Error('hook failed');
        }),
      ],
    });
    const site = await openProject(define({ apps: [library] }));
    await site.dataSource.synchronize();
    const [ada, bob] = await db(site).save([
      Object.assign(new Author(), { name: 'Ada' }),
      Object.assign(new Author(), { name: 'Bob' }),
    ]);
    await db(site).remove(ada);

    await expect(db(site).remove(bob)).rejects.toThrow('hook failed');
    expect((await db(site).find(Diary)).map(({ text }) => text)).toEqual(['1 Ada']);
    expect(await db(site).count(Author)).toBe(1);
    await site.close();
  });
});
