import { path, type UrlEntry } from '@rf/views';
import { noteDetail, noteList } from './views.ts';

export const notesUrls: readonly UrlEntry[] = [path('/', noteList), path('/:pk(\\d+)/', noteDetail)];
