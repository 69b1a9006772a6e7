import { openTestProject, type TestProject } from '@rf/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import project from './1-serialization/project.ts';

let notes: TestProject;

beforeAll(async () => {
  notes = await openTestProject(project, { client: { format: 'json' } });
});
afterAll(() => notes.close());

test('a note is made, listed, shown, changed and deleted', async () => {
  const client = notes.client();
  const made = await client.post<{ id: number }>('/notes/', { title: 'Milk', body: 'Two bottles.' });
  expect([made.status, made.data]).toEqual([
    201,
    { id: 1, title: 'Milk', body: 'Two bottles.', createdAt: expect.stringMatching(/^\d{4}-.*Z$/) },
  ]);
  expect((await client.get('/notes/')).data).toMatchObject([{ id: 1, title: 'Milk', body: 'Two bottles.' }]);
  expect((await client.put('/notes/1/', { title: 'Tea' })).data).toMatchObject({ title: 'Tea', body: 'Two bottles.' });
  expect((await client.delete('/notes/1/')).status).toBe(204);
  expect((await client.get('/notes/1/')).status).toBe(404);
});

test('a note without a title is refused', async () => {
  const client = notes.client();
  const { status, data } = await client.post('/notes/', { body: 'Two bottles.' });
  expect([status, data]).toEqual([400, { title: ['This field is required.'] }]);
});
