import { db } from '@rf/orm';
import type { Request } from '@rf/views';
import { type EntityTarget, IsNull, LessThanOrEqual } from 'typeorm';

/** A row that shows who a request is from, and remembers when it last did. */
export interface UsedCredential {
  readonly id: number | string;
  lastUsed: Date | null;
}

const STEP_MS = 60_000;

/** Writes to a credential's row that it was used now, at most once a minute; true when it did. */
export async function noteUse(request: Request, credential: UsedCredential): Promise<boolean> {
  const now = request.site.clock();
  const { id, lastUsed } = credential;
  if (lastUsed !== null && now - lastUsed.getTime() < STEP_MS) return false;
  credential.lastUsed = new Date(now);
  // Of several requests at once one writes.
  const isDue = [IsNull(), LessThanOrEqual(new Date(now - STEP_MS))].map((earlier) => ({ id, lastUsed: earlier }));
  const { affected } = await db(request)
    .createQueryBuilder()
    .update(credential.constructor as EntityTarget<UsedCredential>)
    .set({ lastUsed: credential.lastUsed })
    .where(isDue)
    .execute();
  return affected === 1;
}
