import { defineApp, defineProject, type ProjectDefinition } from '@rf/project';
import { APIView, path } from '@rf/views';
import { describe, expect, test } from 'vitest';

class User {}
class Member extends User {}
class Note {}

class Page extends APIView {
  override get() {
    return {};
  }
}

const auth = defineApp({ label: 'auth', entities: [User], userModel: User });
const members = defineApp({ label: 'members', entities: [Member] });
const define = (definition: Partial<ProjectDefinition> = {}) =>
  defineProject({ apps: [], database: 'pglite://memory', urls: [], ...definition });

describe('defineApp', () => {
  test.each(['Shop', '9lives', 'my-shop', ''])('refuses %j as a label and shows one that is', (label) => {
    expect(() => defineApp({ label })).toThrow("begins with a letter: label: 'bookshop'.");
  });
});

describe('defineProject', () => {
  test('merges settings: defaults, then the apps in order, then its own', () => {
    const one = defineApp({ label: 'one', settings: { pageSize: 1, searchParam: 'q', versionParam: 'v' } });
    const two = defineApp({ label: 'two', settings: { pageSize: 2, searchParam: 'find' } });
    const { settings } = define({ apps: [one, two], settings: { pageSize: 3 } });

    expect([settings.pageSize, settings.searchParam, settings.versionParam]).toEqual([3, 'find', 'v']);
    expect(settings.orderingParam).toBe('ordering');
  });

  test('refuses a setting that is none', () => {
    expect(() => define({ settings: { pagesize: 3 } as object })).toThrow('settings.pagesize is no setting');
  });

  test('refuses two apps with one label', () => {
    expect(() => define({ apps: [auth, defineApp({ label: 'auth' })] })).toThrow('two apps with the label auth');
  });

  test('refuses a database URL that is none', () => {
    expect(() => define({ database: 'mysql://h/d' })).toThrow(
      'defineProject({ database }): The database URL has mysql:',
    );
  });

  test('has the user model of an app, until it brings its own, which takes its place everywhere', () => {
    const stock = define({ apps: [auth, members] });
    const own = define({ apps: [auth, members], userModel: Member });

    expect([stock.userModel, own.userModel]).toEqual([User, Member]);
    expect(stock.entities).toEqual([User, Member]);
    expect(own.entities).toEqual([Member]);
    expect([...own.substitutes]).toEqual([[User, Member]]);
    expect(own.appOf(Member)).toBe(members);
    expect(own.appOf(User)).toBeUndefined();
  });

  test('refuses a user model that no app has, and says where to put it', () => {
    expect(() => define({ apps: [auth], userModel: Member })).toThrow('write entities: [Member] in the defineApp');
  });

  test('lets the entities of an app depend on the project', () => {
    const notes = defineApp({ label: 'notes', entities: (project) => (project.app('auth') ? [Note] : []) });

    expect(define({ apps: [notes] }).entities).toEqual([]);
    expect(define({ apps: [notes, auth] }).entities).toEqual([Note, User]);
  });

  test('has the URLs of its apps after its own', () => {
    const app = defineApp({ label: 'app', urls: [path('/app/', Page)] });
    const project = define({ apps: [app], urls: [path('/own/', Page)] });

    expect(project.urls.map((entry) => entry.kind === 'route' && entry.pattern)).toEqual(['/own/', '/app/']);
  });
});
