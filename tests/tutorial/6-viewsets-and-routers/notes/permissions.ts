import { BasePermission, isSafeMethod, type Request } from '@rf/views';
import type { Note } from './note.ts';

/** Anybody may read a note, only its owner may change it. */
export class IsOwnerOrReadOnly extends BasePermission {
  readonly needs = ['owner'];

  override hasObjectPermission(request: Request, _view: unknown, note: Note): boolean {
    return isSafeMethod(request.method) || note.owner.id === request.user.id;
  }
}
