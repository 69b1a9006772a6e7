import { createUser } from '@rf/auth';
import type { Project } from '@rf/project';
import { type APIClient, assertNumQueries, openTestProject, type TestProject } from '@rf/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** What parts 5 and 6 have in common: viewsets change the code, not the API. */
export function describeNotes(project: Project): void {
  let notes: TestProject;
  let alice: APIClient;
  let bob: APIClient;

  beforeAll(async () => {
    notes = await openTestProject(project, { client: { format: 'json' } });
    [alice, bob] = [notes.client(), notes.client()];
    alice.forceAuthenticate({ user: await createUser(notes.site, { username: 'alice' }) });
    bob.forceAuthenticate({ user: await createUser(notes.site, { username: 'bob' }) });
    for (let at = 1; at <= 11; at += 1) await alice.post('/notes/', { title: `Note ${at}`, body: 'Short.' });
    await bob.post('/notes/', { title: 'Tea' });
  });
  afterAll(() => notes.close());

  test('the root leads to users and notes, each note to its owner, each user to the notes', async () => {
    const stranger = notes.client();
    const { data: root } = await stranger.get<Record<string, string>>('/');
    expect(root).toEqual({ users: 'http://testserver/users/', notes: 'http://testserver/notes/' });
    const { data: page } = await stranger.get<{ results: Record<string, string>[] }>(root.notes as string);
    const [note] = page.results;
    expect(note).toEqual({
      url: 'http://testserver/notes/1/',
      id: 1,
      title: 'Note 1',
      body: 'Short.',
      text: 'http://testserver/notes/1/text/',
      owner: 'http://testserver/users/1/',
      createdAt: expect.any(String),
    });
    const { data: owner } = await stranger.get<Record<string, string>>(note?.owner as string);
    expect(owner).toEqual({
      url: 'http://testserver/users/1/',
      id: 1,
      username: 'alice',
      notes: 'http://testserver/users/1/notes/',
    });
    expect((await stranger.get<{ count: number }>(owner.notes as string)).data.count).toBe(11);
    expect((await stranger.get(note?.text as string)).text).toBe('Note 1\n\nShort.\n');
  });

  test('lists come in pages of ten, each in one statement', async () => {
    const { data } = await assertNumQueries(1, () => alice.get('/notes/'));
    expect(data).toMatchObject({ count: 12, next: 'http://testserver/notes/?page=2', previous: null });
  });

  test('only the owner changes a note', async () => {
    expect((await bob.patch('/notes/1/', { title: 'Mine' })).status).toBe(403);
    expect((await notes.client().post('/notes/', { title: 'Anonymous' })).status).toBe(401);
    expect((await alice.patch('/notes/1/', { title: 'Mine' })).data).toMatchObject({ title: 'Mine' });
    await alice.patch('/notes/1/', { title: 'Note 1' });
  });
}
