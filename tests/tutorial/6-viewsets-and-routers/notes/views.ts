import { User } from '@rf/auth';
import { action, ModelViewSet, ReadOnlyModelViewSet } from '@rf/generics';
import type { BaseSerializer } from '@rf/serializers';
import { HttpResponse, IsAuthenticatedOrReadOnly, permissionClasses } from '@rf/views';
import { Note } from './note.ts';
import { IsOwnerOrReadOnly } from './permissions.ts';
import { NoteSerializer, UserSerializer } from './serializers.ts';

@permissionClasses(IsAuthenticatedOrReadOnly, IsOwnerOrReadOnly)
export class NoteViewSet extends ModelViewSet<Note> {
  override queryset = Note;
  override serializerClass = NoteSerializer;

  /** A note as plain text, to print it. */
  @action({ detail: true })
  async text() {
    const note = await this.getObject();
    return new HttpResponse(`${note.title}\n\n${note.body}\n`, { contentType: 'text/plain; charset=utf-8' });
  }

  override async performCreate(serializer: BaseSerializer) {
    await serializer.save({ owner: this.request.user });
  }
}

export class UserViewSet extends ReadOnlyModelViewSet<User> {
  override queryset = User;
  override serializerClass = UserSerializer;
}

/** The notes of one user. */
export class UserNoteViewSet extends ReadOnlyModelViewSet<Note> {
  override queryset = Note;
  override serializerClass = NoteSerializer;
}
