import { auth, createUser, Group, User } from '@rf/auth';
import { ModelSerializer } from '@rf/orm';
import { openTestProject, type TestProject } from '@rf/testing';
import { defineProject } from '@rf/project';
import { APIView, path, type Request } from '@rf/views';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

class UserSerializer extends ModelSerializer(User, {
  fields: ['username', 'firstName', 'email', 'isStaff', 'isActive', 'dateJoined', 'groups', 'userPermissions'],
}) {}

class GroupSerializer extends ModelSerializer(Group, { fields: ['name', 'permissions'] }) {}

class Users extends APIView {
  override async post(request: Request): Promise<unknown> {
    const serializer = new UserSerializer({ data: request.data, context: { request } });
    await serializer.isValid({ raise: true });
    await serializer.save();
    return serializer.data;
  }
}

let project: TestProject;
beforeAll(async () => {
  project = await openTestProject(
    defineProject({ apps: [auth()], database: 'pglite://memory', urls: [path('/users/', Users)] }),
    { client: { format: 'json' } },
  );
});
afterAll(() => project.close());

/** The status and body of an answer to a new user. */
async function post(data: unknown): Promise<[number, unknown]> {
  const answer = await project.client().post('/users/', data);
  return [answer.status, answer.json()];
}

describe('a serializer derived from the stock entities (DJ01)', () => {
  test('has the fields that Django REST framework derives from them', () => {
    expect(String(new UserSerializer())).toBe(`UserSerializer():
    username = new CharField({ helpText: 'Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', maxLength: 150, validators: [new UniqueValidator({ queryset: User }), validateUsername] })
    firstName = new CharField({ label: 'First name', required: false, allowBlank: true, maxLength: 150 })
    email = new EmailField({ label: 'Email address', required: false, allowBlank: true, maxLength: 254 })
    isStaff = new BooleanField({ label: 'Staff status', helpText: 'Designates whether the user can log into this admin site.', required: false })
    isActive = new BooleanField({ label: 'Active', helpText: 'Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', required: false })
    dateJoined = new DateTimeField({ label: 'Date joined', required: false })
    groups = new PrimaryKeyRelatedField({ helpText: 'The groups this user belongs to. A user will get all permissions granted to each of their groups.', many: true, queryset: Group, required: false })
    userPermissions = new PrimaryKeyRelatedField({ label: 'User permissions', helpText: 'Specific permissions for this user.', many: true, queryset: Permission, required: false })`);
    expect(String(new GroupSerializer())).toContain(
      'permissions = new PrimaryKeyRelatedField({ many: true, queryset: Permission, required: false })',
    );
  });

  test('makes a user of a name alone', async () => {
    const [status, user] = await post({ username: 'émile.z@home+1' });
    expect(status).toBe(200);
    expect(user).toMatchObject({ username: 'émile.z@home+1', email: '', isStaff: false, isActive: true, groups: [] });
  });

  test('refuses names and addresses in the words of Django', async () => {
    await createUser(project.site, { username: 'taken', password: null });
    expect(await post({ username: 'taken', email: 'nowhere' })).toEqual([
      400,
      { username: ['A user with that username already exists.'], email: ['Enter a valid email address.'] },
    ]);
    const text = 'Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.';
    expect(await post({ username: 'two words' })).toEqual([400, { username: [text] }]);
  });
});
