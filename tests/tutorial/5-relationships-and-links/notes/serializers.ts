import { User } from '@rf/auth';
import { HyperlinkedIdentityField, HyperlinkedModelSerializer, HyperlinkedRelatedField } from '@rf/orm';
import { Note } from './note.ts';

export class NoteSerializer extends HyperlinkedModelSerializer(Note, {
  fields: ['url', 'id', 'title', 'body', 'text', 'owner', 'createdAt'],
}) {
  text = new HyperlinkedIdentityField({ viewName: 'note-text' });
  owner = new HyperlinkedRelatedField({ viewName: 'user-detail', readOnly: true });
}

export class UserSerializer extends HyperlinkedModelSerializer(User, { fields: ['url', 'id', 'username', 'notes'] }) {
  notes = new HyperlinkedIdentityField({ viewName: 'user-notes' });
}
