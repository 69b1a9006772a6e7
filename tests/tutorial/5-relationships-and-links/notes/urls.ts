import { path, type UrlEntry } from '@rf/views';
import { ApiRoot, NoteDetail, NoteList, NoteText, UserDetail, UserList, UserNotes } from './views.ts';

export const notesUrls: readonly UrlEntry[] = [
  path('/', ApiRoot),
  path('/notes/', NoteList, { name: 'note-list' }),
  path('/notes/:pk(\\d+)/', NoteDetail, { name: 'note-detail' }),
  path('/notes/:pk(\\d+)/text/', NoteText, { name: 'note-text' }),
  path('/users/', UserList, { name: 'user-list' }),
  path('/users/:pk(\\d+)/', UserDetail, { name: 'user-detail' }),
  path('/users/:pk(\\d+)/notes/', UserNotes, { name: 'user-notes' }),
];
