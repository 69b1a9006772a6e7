import type { Field } from './field.ts';

export declare const DERIVED: unique symbol;
export type FieldMap = Record<never, never>;
export type Instance<S> = unknown;
export type Representation<S> = any;
export type Saved<S> = any;
export type ValidatedData<S> = any;
export type Validated<S> = any;
export type Input<S> = any;
export type NestedTypes = any;
