import { User } from '@rf/auth';
import {
  GenericAPIView,
  ListAPIView,
  ListCreateAPIView,
  RetrieveAPIView,
  RetrieveUpdateDestroyAPIView,
} from '@rf/generics';
import type { BaseSerializer } from '@rf/serializers';
import {
  APIView,
  HttpResponse,
  IsAuthenticatedOrReadOnly,
  permissionClasses,
  type Request,
  Response,
  reverse,
} from '@rf/views';
import { Note } from './note.ts';
import { IsOwnerOrReadOnly } from './permissions.ts';
import { NoteSerializer, UserSerializer } from './serializers.ts';

/** Where to begin. */
export class ApiRoot extends APIView {
  override get(request: Request) {
    return new Response({ users: reverse('user-list', { request }), notes: reverse('note-list', { request }) });
  }
}

export class NoteList extends ListCreateAPIView<Note> {
  override queryset = Note;
  override serializerClass = NoteSerializer;

  override async performCreate(serializer: BaseSerializer) {
    await serializer.save({ owner: this.request.user });
  }
}

@permissionClasses(IsAuthenticatedOrReadOnly, IsOwnerOrReadOnly)
export class NoteDetail extends RetrieveUpdateDestroyAPIView<Note> {
  override queryset = Note;
  override serializerClass = NoteSerializer;
}

/** A note as plain text, to print it. */
export class NoteText extends GenericAPIView<Note> {
  override queryset = Note;

  override async get() {
    const note = await this.getObject();
    return new HttpResponse(`${note.title}\n\n${note.body}\n`, { contentType: 'text/plain; charset=utf-8' });
  }
}

export class UserList extends ListAPIView<User> {
  override queryset = User;
  override serializerClass = UserSerializer;
}

export class UserDetail extends RetrieveAPIView<User> {
  override queryset = User;
  override serializerClass = UserSerializer;
}

/** The notes of one user. */
export class UserNotes extends ListAPIView<Note> {
  override queryset = Note;
  override serializerClass = NoteSerializer;

  override getQueryset() {
    return super.getQueryset().andWhere('note.owner = :owner', { owner: this.params.pk });
  }
}
