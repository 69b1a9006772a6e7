import { ListAPIView } from '@rf/generics';
import { ModelSerializer } from '@rf/orm';
import { defineApp, defineProject, type ProjectDefinition, runChecks } from '@rf/project';
import { AnonymousUser, APIView, authenticationClasses, BaseAuthentication, BaseThrottle, path } from '@rf/views';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { describe, expect, test } from 'vitest';

@Entity('app_note')
class Note {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @Column({ type: 'varchar', length: 50 })
  title!: string;
}
class Notes extends ListAPIView<Note> {
  override queryset = Note;
  override serializerClass = ModelSerializer(Note, { fields: ['id', 'title'] });
  override ordering = 'titel';
}
class Empty extends APIView {}
class PasswordAuthentication extends BaseAuthentication {
  override readonly overHttp = 'read the password';
  override authenticate() {
    return null;
  }
}
class Secret extends APIView {
  override get() {
    return {};
  }
  @authenticationClasses(PasswordAuthentication)
  override post() {
    return {};
  }
}
class AnyThrottle extends BaseThrottle {
  override allowRequest() {
    return true;
  }
}

const GOOD_KEY = 'r2d2-c3po-bb8-k2so-l337-chopper-aa2468';
const safe: ProjectDefinition = {
  apps: [],
  database: 'postgresql://h/d',
  urls: [],
  secretKey: GOOD_KEY,
  settings: { allowedHosts: ['api.example.com'] },
};
const idsOf = async (definition: Partial<ProjectDefinition>, deploy = true) =>
  (await runChecks(defineProject({ ...safe, ...definition }), { deploy })).map(({ id }) => id);

describe('runChecks', () => {
  test('finds nothing in a project that is fit for production', async () => {
    expect(await idsOf({})).toEqual([]);
  });

  test.each<[string, Partial<ProjectDefinition>]>([
    ['project.W001', { secretKey: 'short' }],
    ['project.W001', { secretKey: 'a'.repeat(64) }],
    ['project.W002', { settings: { ...safe.settings, debug: true } }],
    ['project.W003', { settings: {} }],
    ['project.W004', { database: 'pglite://./data' }],
    ['project.W005', { settings: { ...safe.settings, defaultThrottleClasses: [AnyThrottle] } }],
  ])('%s is told with --deploy only', async (id, definition) => {
    expect(await idsOf(definition)).toEqual([id]);
    expect(await idsOf(definition, false)).toEqual([]);
  });

  test('a page size without a pagination class is told always (PG01)', async () => {
    const settings = { ...safe.settings, pageSize: 10 };

    expect(await idsOf({ settings }, false)).toEqual(['project.W006']);
    expect(await idsOf({ settings: { ...settings, defaultPaginationClass: class {} } })).toEqual([]);
  });

  test('a scheme that needs TLS is named once, when a view uses it and no trusted proxy is set', async () => {
    const urls = [path('/a/', Secret), path('/b/', Secret)];
    expect(await idsOf({ urls })).toEqual(['project.W007.PasswordAuthentication']);
    expect(await idsOf({ urls }, false)).toEqual([]);
    expect(await idsOf({ urls, settings: { ...safe.settings, trustedProxies: 1 } })).toEqual([]);
  });

  test('a view that cannot be mounted is an error always', async () => {
    const found = await runChecks(defineProject({ ...safe, urls: [path('/empty/', Empty)] }));

    expect(found).toMatchObject([
      { id: 'project.E002', level: 'error', message: expect.stringContaining('Empty, mounted at /empty/') },
    ]);
  });

  test('columns are looked up without a database, and a mistake is told once whatever the number of its URLs', async () => {
    const apps = [defineApp({ label: 'app', entities: [Note] })];
    const urls = [path('/notes/', Notes), path('/old-notes/', Notes)];

    expect(await runChecks(defineProject({ ...safe, apps, urls }))).toMatchObject([
      { id: 'project.E002', message: expect.stringContaining('Notes.ordering: Note has no column titel.') },
    ]);
    expect(await runChecks(defineProject({ ...safe, urls }))).toMatchObject([
      { message: expect.stringContaining('Notes.queryset is Note, which is no entity of the project.') },
    ]);
  });

  test('asks the apps as well', async () => {
    const app = defineApp({
      label: 'app',
      checks: [
        async ({ settings }) =>
          settings.unauthenticatedUser?.() instanceof AnonymousUser
            ? [{ id: 'app.W001', level: 'warning', message: 'nobody has a user object' }]
            : [],
      ],
    });

    expect(await idsOf({ apps: [app] }, false)).toEqual(['app.W001']);
  });
});
