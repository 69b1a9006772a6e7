/** How the objects of a nested serializer are written (row W04). */
export interface NestedWrite {
  /**
   * The field by which items are matched with the objects that are there already, in an update: those that match are
   * changed, the others are made. Default: the related entity's key, where the nested serializer reads it.
   */
  readonly matchBy?: string;
  /**
   * What becomes of objects that an update leaves out: `keep` (default), `remove` deletes the rows, `detach` takes them off
   * the object.
   */
  readonly orphans?: 'keep' | 'remove' | 'detach';
}
