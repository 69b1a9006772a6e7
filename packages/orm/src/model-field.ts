import { Field } from '@rf/serializers';

/** A value of a column for whose type there is no field: goes to the database and comes from it as it is. */
export class ModelField extends Field<unknown> {
  override parse(data: unknown): unknown {
    return data as never;
  }

  override toRepresentation(value: unknown): unknown {
    return value;
  }
}
