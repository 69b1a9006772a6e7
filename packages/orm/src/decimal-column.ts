import { Decimal } from '@rf/serializers';
import type { ValueTransformer } from 'typeorm';

/**
 * Keeps a `numeric` column as an exact Decimal in the entity, where TypeORM has text; validated data and entities then have
 * the same type.
 *
 * ```ts
 * @Column({ type: 'numeric', precision: 8, scale: 2, transformer: asDecimal })
 * price!: Decimal;
 * ```
 */
export const asDecimal: ValueTransformer = {
  to: (value: unknown): unknown =>
    value === null || value === undefined ? value : Decimal.of(value as Decimal | string | number).toFixed(),
  from: (raw: unknown): unknown => (raw === null || raw === undefined ? raw : Decimal.of(raw as string)),
};
