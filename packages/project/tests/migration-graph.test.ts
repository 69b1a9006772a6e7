import { type App, defineProject, MigrationError, MigrationGraph, swappable } from '@rf/project';
import { describe, expect, test } from 'vitest';
import { appWith, tableMigration } from './fixtures/migrations.ts';

const load = (...apps: App[]) => MigrationGraph.load(defineProject({ apps, database: 'pglite://memory', urls: [] }));
const order = async (...apps: App[]) => (await load(...apps)).order.map(({ id }) => id);

class User {}
class Member extends User {}

describe('the order of migrations', () => {
  test('is that of the apps and their lists when nothing else is said', async () => {
    const one = appWith('one', [tableMigration('a', '0001_initial'), tableMigration('b', '0002_more')]);
    const two = appWith('two', [tableMigration('c', '0001_initial')]);

    expect(await order(two, one)).toEqual(['two.0001_initial', 'one.0001_initial', 'one.0002_more']);
  });

  test('puts dependencies across apps first', async () => {
    const books = appWith('books', [
      tableMigration('a', '0001_initial'),
      tableMigration('b', '0002_lending', { dependencies: [['people', '0002_cards']] }),
    ]);
    const people = appWith('people', [
      tableMigration('c', '0001_initial', { dependencies: [['books', '0001_initial']] }),
      tableMigration('d', '0002_cards'),
    ]);

    expect(await order(books, people)).toEqual([
      'books.0001_initial',
      'people.0001_initial',
      'people.0002_cards',
      'books.0002_lending',
    ]);
  });

  test('obeys runBefore, the same dependency written on the other side', async () => {
    const tokens = appWith('tokens', [tableMigration('a', '0001_initial')]);
    const members = appWith('members', [
      tableMigration('b', '0001_initial', { runBefore: [['tokens', '0001_initial']] }),
    ]);

    expect(await order(tokens, members)).toEqual(['members.0001_initial', 'tokens.0001_initial']);
  });

  test('puts the first migration of the app that owns the user model before whoever needs users', async () => {
    const tokens = appWith('tokens', [tableMigration('a', '0001_initial', { dependencies: [swappable(User)] })]);
    const auth = appWith('auth', [tableMigration('b', '0001_initial')], { entities: [User], userModel: User });
    const members = appWith('members', [tableMigration('c', '0001_initial')], { entities: [Member] });
    const definition = { apps: [tokens, auth, members], database: 'pglite://memory', urls: [] };

    const stock = await MigrationGraph.load(defineProject(definition));
    const own = await MigrationGraph.load(defineProject({ ...definition, userModel: Member }));

    const idsOf = (graph: MigrationGraph) => graph.order.map(({ id }) => id);
    expect(idsOf(stock)).toEqual(['auth.0001_initial', 'tokens.0001_initial', 'members.0001_initial']);
    expect(idsOf(own)).toEqual(['members.0001_initial', 'tokens.0001_initial', 'auth.0001_initial']);
  });

  test('lets the app of the user model itself depend on the user model', async () => {
    const auth = appWith('auth', [tableMigration('b', '0001_initial', { dependencies: [swappable(User)] })], {
      entities: [User],
      userModel: User,
    });

    expect(await order(auth)).toEqual(['auth.0001_initial']);
  });

  test('two branches of one app may both follow the first migration', async () => {
    const dependencies = [['one', '0001_initial']] as const;
    const one = appWith('one', [
      tableMigration('a', '0001_initial'),
      tableMigration('b', '0002_left', { dependencies }),
      tableMigration('c', '0002_right', { dependencies }),
    ]);
    const graph = await load(one);

    const right = graph.get('one.0002_right');
    expect([...(right?.parents ?? [])].map(({ id }) => id)).toEqual(['one.0001_initial']);
  });
});

describe('what does not fit together', () => {
  const refused = (...apps: App[]) =>
    load(...apps).then(
      () => undefined,
      (error) => error as MigrationError,
    );

  test('a circle is named link by link', async () => {
    const one = appWith('one', [tableMigration('a', '0001_initial', { dependencies: [['two', '0001_initial']] })]);
    const two = appWith('two', [tableMigration('b', '0001_initial', { dependencies: [['one', '0001_initial']] })]);
    const error = await refused(one, two);

    expect(error).toBeInstanceOf(MigrationError);
    expect(error?.message).toBe(
      'Migrations depend on each other in a circle: one.0001_initial needs two.0001_initial needs one.0001_initial.',
    );
  });

  test('a missing migration is named with those that there are', async () => {
    const one = appWith('one', [tableMigration('a', '0001_initial', { dependencies: [['two', '0009_later']] })]);
    const two = appWith('two', [tableMigration('b', '0001_initial')]);

    expect((await refused(one, two))?.message).toBe(
      'one.0001_initial depends on two.0009_later, which does not exist. two has 0001_initial.',
    );
  });

  test('a missing app is named as such', async () => {
    const one = appWith('one', [tableMigration('a', '0001_initial', { dependencies: [['gone', '0001_initial']] })]);

    expect((await refused(one))?.message).toContain('The project has no migrations of an app gone');
  });

  test('a name that is used twice', async () => {
    const one = appWith('one', [tableMigration('a', '0001_initial'), tableMigration('b', '0001_initial')]);

    expect((await refused(one))?.message).toBe('one has two migrations called 0001_initial; rename one.');
  });

  test('a user model whose app has no migrations yet', async () => {
    const tokens = appWith('tokens', [tableMigration('a', '0001_initial', { dependencies: [swappable(User)] })]);
    const auth = appWith('auth', [], { entities: [User], userModel: User });

    expect((await refused(tokens, auth))?.message).toContain('run rf makemigrations auth');
  });

  test('but to write that migration, what waits for it can be left out', async () => {
    const tokens = appWith('tokens', [
      tableMigration('a', '0001_initial', { dependencies: [swappable(User)] }),
      tableMigration('b', '0002_more'),
    ]);
    const other = appWith('other', [
      tableMigration('c', '0001_initial'),
      tableMigration('d', '0002_tokens', { dependencies: [['tokens', '0002_more']] }),
    ]);
    const auth = appWith('auth', [], { entities: [User], userModel: User });
    const project = defineProject({ apps: [tokens, other, auth], database: 'pglite://memory', urls: [] });

    const graph = await MigrationGraph.load(project, { leaveOutWaiting: true });

    expect(graph.order.map(({ id }) => id)).toEqual(['other.0001_initial']);
    expect([...graph.waiting].map(({ id }) => id).sort()).toEqual([
      'other.0002_tokens',
      'tokens.0001_initial',
      'tokens.0002_more',
    ]);
  });

  test('a beginning of a name that fits several', async () => {
    const one = appWith('one', [
      tableMigration('a', '0001_initial'),
      tableMigration('b', '0002_x'),
      tableMigration('c', '0002_y'),
    ]);
    const graph = await load(one);

    expect(graph.find(one, '0001').name).toBe('0001_initial');
    expect(() => graph.find(one, '0002')).toThrow('Several migrations of one begin with 0002: 0002_x, 0002_y.');
    expect(() => graph.find(one, '0003')).toThrow('one has no migration that begins with 0003');
  });
});
