import { ModelSerializer } from '@rf/orm';
import { Note } from './note.ts';

export class NoteSerializer extends ModelSerializer(Note, { fields: ['id', 'title', 'body', 'createdAt'] }) {}
