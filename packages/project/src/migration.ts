import type { EntityClass } from '@rf/orm';
import type { MigrationInterface } from 'typeorm';

/** A migration by app and name: `['auth', '0001_initial']`. */
export type MigrationKey = readonly [app: string, name: string];

/** Stands for the app that owns the model which the project uses in place of `model`. */
export interface SwappableDependency {
  readonly swappable: EntityClass;
}

/** One change of the database: TypeORM's own interface, with a name within its app. */
export interface Migration extends MigrationInterface {
  /** `0001_initial` */
  readonly name: string;
}

/**
 * A class of migrations.
 *
 * ```ts
 * export default class implements Migration {
 *   static readonly dependencies = [['auth', '0001_initial'], swappable(User)] as const;
 *   readonly name = '0001_initial';
 *
 *   async up(queryRunner: QueryRunner) { … }
 *   async down(queryRunner: QueryRunner) { … }
 * }
 * ```
 *
 * A migration that names no dependency within its own app follows the one before it in the app's list.
 */
export interface MigrationClass {
  new (): Migration;
  /** What must be applied before. */
  readonly dependencies?: readonly (MigrationKey | SwappableDependency)[];
  /** What must not be applied before: the counterpart of `dependencies`, written on the other side. */
  readonly runBefore?: readonly MigrationKey[];
  /** True for one that makes the app's tables anew, so `--fake-initial` may adopt existing ones. The first is, unless it says false. */
  readonly initial?: boolean;
}

/**
 * A dependency on the first migration of whichever app owns the model that the project uses for `model`: its own user model,
 * say, whose table must come first.
 */
export function swappable(model: EntityClass): SwappableDependency {
  return { swappable: model };
}
