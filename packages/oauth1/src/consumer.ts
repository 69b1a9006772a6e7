import { type AbstractUser, type ScopedCredential, User } from '@rf/auth';
import { sensitive, substitutable } from '@rf/orm';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { grantedScopes } from './scope.ts';
import type { SignatureMethod } from './signature-method.ts';

/** Whether a consumer may be used; only an accepted one may (AU27). */
export type ConsumerStatus = 'pending' | 'accepted' | 'canceled' | 'rejected';

/** Every status, as errors name them. */
export const consumerStatuses: Readonly<Record<ConsumerStatus, string>> = {
  pending: 'Pending',
  accepted: 'Accepted',
  canceled: 'Canceled',
  rejected: 'Rejected',
};

/**
 * A client in the words of OAuth 1.0: an application that signs requests. Make it with `createConsumer()`, which checks what is
 * written.
 *
 * It is `request.auth` of a request without a token.
 */
@Entity('oauth1_consumer')
export class OAuth1Consumer implements ScopedCredential {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'BY DEFAULT' })
  id!: string;

  /** `oauth_consumer_key`: the public name. */
  @Column({ type: 'varchar', length: 255, unique: true })
  key!: string;

  /** The secret, sealed: both sides must know it. Null for one that signs with its private key only. */
  @sensitive
  @Column({ type: 'text', nullable: true })
  secretSealed!: string | null;

  /** PEM; null for one that signs with its secret. */
  @Column({ type: 'text', nullable: true })
  rsaPublicKey!: string | null;

  /** Shown to those who are asked to allow it. */
  @Column({ type: 'varchar', length: 255 })
  name!: string;

  @Column({ type: 'text' })
  description!: string;

  @Index()
  @ManyToOne(
    substitutable(() => User),
    { nullable: true, onDelete: 'SET NULL' },
  )
  @JoinColumn()
  owner!: AbstractUser | null;

  @Column({ type: 'varchar', length: 16 })
  status!: ConsumerStatus;

  /** How it may sign: decided here, never by a request. */
  @Column({ type: 'text', array: true })
  allowedMethods!: SignatureMethod[];

  /** Where users may be sent back to, letter by letter; none for one whose users type a code. */
  @Column({ type: 'text', array: true })
  callbacks!: string[];

  /** What it may ask for, words separated by spaces. */
  @Column({ type: 'text' })
  scope!: string;

  /** It gets read-only tokens, whatever it asks for. */
  @Column({ type: 'boolean' })
  readonly!: boolean;

  @Column({ type: 'timestamptz' })
  created!: Date;

  /** What it may do without a token. */
  get scopes(): ReadonlySet<string> {
    return grantedScopes(this.scope, this.readonly);
  }

  toString(): string {
    return this.name;
  }
}
