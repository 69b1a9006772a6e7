import { defineApp } from '@rf/project';
import { Note } from './note.ts';

export const notes = defineApp({
  label: 'notes',
  entities: [Note],
  migrations: new URL('./migrations/', import.meta.url),
});
