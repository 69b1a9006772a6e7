import type { Scoped } from './scope.ts';

/** Converts and checks input that is there: the validated value, a Failure, or a promise of them. */
export const RUN: unique symbol = Symbol('run');

/** Shows one object. */
export const PRESENT: unique symbol = Symbol('present');

/** As {@link RUN}, but walked through by the fields' own methods; throws what is wrong. */
export const WALK_IN: unique symbol = Symbol('walkIn');

/** As {@link PRESENT}, but walked through by the fields' own methods. */
export const WALK_OUT: unique symbol = Symbol('walkOut');

/** What an empty form shows. */
export const INITIAL: unique symbol = Symbol('initial');

/** The class and options it was made with, so that each parent can have its own. */
export const RECIPE: unique symbol = Symbol('recipe');

/** How a serializer is used inside another, under names that no field can have. */
export interface Nestable extends Scoped {
  [RUN](data: unknown): unknown;
  [PRESENT](instance: unknown): unknown;
  [WALK_IN](data: unknown): unknown;
  [WALK_OUT](instance: unknown): unknown;
  [INITIAL](): unknown;
  readonly [RECIPE]: Recipe;
}

/** What makes a serializer. */
export interface Recipe {
  readonly type: NestableClass;
  readonly options: NestedOptions;
}

/** A serializer class. */
export type NestableClass = (new (options?: never) => object) & { readonly name: string };

/** The options of a nested serializer that its place reads. */
export interface NestedOptions {
  readonly many?: boolean;
}

/** True for serializers. */
export function isNestable(value: unknown): value is Nestable {
  return typeof value === 'object' && value !== null && RECIPE in value;
}
