/** What became of one record of a file of vectors. */
export interface VectorResult {
  readonly id: string;
  readonly ok: boolean;
  /** What was expected and what came. */
  readonly message?: string;
}

/** Runs one file of vectors. Each `.ts` file beside this one that exports these is found by the runner. */
export interface VectorModule {
  /** Name of the file in the folder of vectors. */
  readonly file: string;
  run(vectors: unknown): AsyncIterable<VectorResult>;
}

/** A result from two values that must be the same JSON. */
export function sameJson(id: string, expected: unknown, got: unknown): VectorResult {
  const [want, have] = [stable(expected), stable(got)];
  return want === have ? { id, ok: true } : { id, ok: false, message: `expected ${want}, got ${have}` };
}

function stable(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
