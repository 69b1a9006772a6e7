import { BasePermission, isSafeMethod, type Request } from '@rf/views';
import type { Review } from './entities.ts';

/** Anybody may read a review; who wrote it may change it; who wrote it and staff may delete it. */
export class IsReviewerOrReadOnly extends BasePermission {
  /** What of a review has to be loaded. */
  readonly needs = ['reviewer'];
  override readonly message = 'This is not your review.';

  override hasObjectPermission({ method, user }: Request, _view: unknown, review: Review): boolean {
    if (isSafeMethod(method) || review.reviewer.id === user.id) return true;
    return method === 'DELETE' && user.isStaff;
  }
}
