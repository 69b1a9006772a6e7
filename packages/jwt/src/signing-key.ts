import type { JWK } from 'jose';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { JwtAlgorithm } from './algorithms.ts';

/** A key of the project, made by `rf generate-jwt-key`. Its private part is sealed with the project's secret key. */
@Entity('jwt_signing_key')
export class SigningKey {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'BY DEFAULT' })
  id!: string;

  /** Name in token headers: the RFC 7638 thumbprint, or random for a shared secret. */
  @Column({ type: 'varchar', length: 255, unique: true })
  kid!: string;

  @Column({ type: 'varchar', length: 16 })
  alg!: JwtAlgorithm;

  /** The whole key, sealed. */
  @Column({ type: 'text' })
  privateEnc!: string;

  /** What the key set publishes; null for a shared secret. */
  @Column({ type: 'jsonb', nullable: true })
  publicJwk!: JWK | null;

  /** From when on it signs. It is published, and verifies, at once. */
  @Column({ type: 'timestamptz' })
  notBefore!: Date;

  /** From when on nothing accepts it; null while it is not replaced. */
  @Column({ type: 'timestamptz', nullable: true })
  retiredAt!: Date | null;
}
