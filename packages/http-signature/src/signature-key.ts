import { createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { type AbstractUser, openStoredSecret, storedPublicKey, User } from '@rf/auth';
import { substitutable } from '@rf/orm';
import type { Site } from '@rf/views';
import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import type { SignatureAlgorithm } from './signature-algorithms.ts';

/** A key that a user's requests are verified with: the public half of a pair, or a secret that both sides know. */
@Entity('http_signature_key')
@Check('http_signature_key_one_kind', '(public_jwk IS NULL) <> (secret_sealed IS NULL)')
export class SignatureKey {
  @PrimaryGeneratedColumn('identity', { type: 'int', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  /** Names the key in requests: `keyid`. */
  @Column({ type: 'varchar', length: 128, unique: true })
  keyId!: string;

  @Column({ type: 'varchar', length: 20 })
  algorithm!: SignatureAlgorithm;

  /** null for `hmac-sha256`. */
  @Column({ type: 'jsonb', nullable: true })
  publicJwk!: JsonWebKey | null;

  /** Base64 of the secret, sealed; null for a public key. */
  @Column({ type: 'text', nullable: true })
  secretSealed!: string | null;

  @Index()
  @ManyToOne(
    substitutable(() => User),
    { nullable: false, onDelete: 'CASCADE' },
  )
  @JoinColumn({ name: 'user_id' })
  user!: AbstractUser;

  /** What it is for, in the user's words. */
  @Column({ type: 'varchar', length: 100 })
  name!: string;

  @Column({ type: 'boolean' })
  active!: boolean;

  @Column({ type: 'timestamptz' })
  notBefore!: Date;

  /** null: it does not end by itself. */
  @Column({ type: 'timestamptz', nullable: true })
  expires!: Date | null;

  @Column({ type: 'timestamptz' })
  created!: Date;

  /** To the minute. */
  @Column({ type: 'timestamptz', nullable: true })
  lastUsed!: Date | null;

  /** True when its signatures count. @param now milliseconds since 1970 */
  isValid(now: number): boolean {
    const { active, notBefore, expires } = this;
    return active && notBefore.getTime() <= now && (expires === null || now < expires.getTime());
  }

  /** The key itself; null for a secret that cannot be opened, about which the log tells more. */
  open(site: Site): KeyObject | null {
    if (this.secretSealed !== null) {
      const secret = openStoredSecret(site, this, this.secretSealed);
      return secret === null ? null : createSecretKey(secret, 'base64');
    }
    return storedPublicKey(this.publicJwk as JsonWebKey);
  }

  toString(): string {
    return this.keyId;
  }
}
