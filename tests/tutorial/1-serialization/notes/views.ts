import { getObjectOr404 } from '@rf/generics';
import { db } from '@rf/orm';
import { AllowAny, apiView, permissionClasses, Response } from '@rf/views';
import { Note } from './note.ts';
import { NoteSerializer } from './serializers.ts';

/** Lists all notes, or makes one. */
export const noteList = apiView(
  ['GET', 'POST'],
  permissionClasses(AllowAny),
)(async function noteList(request) {
  const context = { request };
  if (request.method === 'GET') {
    const notes = await db(request).find(Note, { order: { id: 'ASC' } });
    const serializer = new NoteSerializer({ instance: notes, many: true, context });
    return new Response(await serializer.data);
  }
  const serializer = new NoteSerializer({ data: request.data, context });
  if (!(await serializer.isValid())) return new Response(serializer.errors, { status: 400 });
  await serializer.save();
  return new Response(await serializer.data, { status: 201 });
});

/** Shows, changes or deletes one note. */
export const noteDetail = apiView(
  ['GET', 'PUT', 'DELETE'],
  permissionClasses(AllowAny),
)(async function noteDetail(request, { pk }) {
  const context = { request };
  const note = await getObjectOr404(db(request).createQueryBuilder(Note, 'note'), { id: pk });
  if (request.method === 'GET') {
    return new Response(await new NoteSerializer({ instance: note, context }).data);
  }
  if (request.method === 'PUT') {
    const serializer = new NoteSerializer({ instance: note, data: request.data, context });
    if (!(await serializer.isValid())) return new Response(serializer.errors, { status: 400 });
    await serializer.save();
    return new Response(await serializer.data);
  }
  await db(request).remove(note);
  return new Response(undefined, { status: 204 });
});
