import { DefaultRouter } from '@rf/generics';
import { NoteViewSet, UserNoteViewSet, UserViewSet } from './views.ts';

const router = new DefaultRouter();
router.register('notes', NoteViewSet);
router.register('users', UserViewSet).nest('notes', UserNoteViewSet);

export const notesUrls = router.urls;
