import { Http404, ValidationError } from '@rf/exceptions';
import type { EntityManager, EntityMetadata } from 'typeorm';
import { atomic } from './atomic.ts';
import { isConstraintError } from './constraint-error.ts';
import { EntityMemento } from './entity-memento.ts';
import type { SiteOwner } from './site-database.ts';

/**
 * How lists of objects are written: `together` in statements for all of them, `each` one after the other, `either` the
 * first, and the second where it fails.
 */
export type WriteMode = 'together' | 'each' | 'either';

/** One go at writing objects, inside a transaction. */
export class WritePass {
  readonly #mementos = new Map<object, EntityMemento>();

  constructor(
    readonly manager: EntityManager,
    readonly mode: WriteMode,
  ) {}

  /** Keeps what an entity is before it is changed, where the change may have to be undone. */
  remember(metadata: EntityMetadata, entity: object): void {
    if (this.mode !== 'together' || this.#mementos.has(entity)) return;
    this.#mementos.set(entity, new EntityMemento(metadata, entity));
  }

  /** Makes the entities that were changed what they were before. */
  undo(): void {
    for (const memento of this.#mementos.values()) memento.restore();
  }
}

/**
 * Writes objects together, in a transaction or a savepoint. What the database refuses is undone, and all is written once
 * more one after the other: that tells which object it is.
 *
 * The second go decides. Written together, objects are made before others are changed and removed, so whatever row may
 * not stand beside another is refused in the first go if it would be in the second; the other way round it need not.
 */
export async function togetherOrEach<T>(
  target: SiteOwner | EntityManager,
  write: (pass: WritePass) => Promise<T>,
): Promise<T> {
  let pass: WritePass | undefined;
  let isWritten = false;
  try {
    return await atomic(target, async (manager) => {
      pass = new WritePass(manager, 'together');
      const result = await write(pass);
      isWritten = true;
      return result;
    });
  } catch (error) {
    // Not what a commit, or something after it, failed with.
    if (isWritten || !mayDiffer(error)) throw error;
  }
  pass?.undo();
  return atomic(target, (manager) => write(new WritePass(manager, 'each')));
}

function mayDiffer(error: unknown): boolean {
  return error instanceof ValidationError || error instanceof Http404 || isConstraintError(error);
}
