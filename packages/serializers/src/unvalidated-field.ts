import { Field, type Parser, type Presenter } from './field.ts';

const identity = (value: unknown): unknown => value;

/** The child of a list or dictionary that names none: takes and shows anything. */
export class UnvalidatedField extends Field<unknown, unknown> {
  override get allowNull(): boolean {
    return true;
  }

  override get allowBlank(): boolean {
    return true;
  }

  override parse(data: unknown): unknown {
    return data;
  }

  override toRepresentation(value: unknown): unknown {
    return value;
  }

  override parser(): Parser {
    return identity;
  }

  override presenter(): Presenter {
    return identity;
  }
}
