/** A class of entities. */
export type EntityClass = Function;

let inForce: ReadonlyMap<EntityClass, EntityClass> = new Map();
let lastUse: Promise<unknown> = Promise.resolve();

/**
 * Target of a relation that a project may replace, as it does with its own user model:
 *
 * ```ts
 * @ManyToOne(substitutable(() => User), { onDelete: 'CASCADE' })
 * user!: RequestUser;
 * ```
 *
 * TypeORM asks for the target when it builds the metadata of a data source; it gets the substitute that
 * {@link createDataSource} was given for the class, or the class itself.
 */
export function substitutable(target: () => EntityClass): () => EntityClass {
  return () => {
    const original = target();
    return inForce.get(original) ?? original;
  };
}

/**
 * Runs `build` with `substitutes` in force. Builds wait for each other, so two projects with different user models can
 * open at the same time in one process.
 */
export function withSubstitutes<T>(
  substitutes: ReadonlyMap<EntityClass, EntityClass>,
  build: () => Promise<T>,
): Promise<T> {
  const use = lastUse.then(async () => {
    inForce = substitutes;
    try {
      return await build();
    } finally {
      inForce = new Map();
    }
  });
  lastUse = use.catch(() => {});
  return use;
}
