import { type AbstractUser, User } from '@rf/auth';
import { sensitive, substitutable } from '@rf/orm';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { OAuth2Client } from './client.ts';

/**
 * A token for new access tokens, good for one use: each use makes its successor (RFC 9700, section 4.14.2).
 *
 * Used ones are kept while their family lives, so that a second use is seen.
 */
@Entity('oauth2_refresh_token')
export class OAuth2RefreshToken {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'BY DEFAULT' })
  id!: string;

  @sensitive
  @Column({ type: 'varchar', length: 64, unique: true })
  tokenHash!: string;

  @Index()
  @ManyToOne(() => OAuth2Client, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn()
  client!: OAuth2Client;

  @Index()
  @ManyToOne(
    substitutable(() => User),
    { nullable: false, onDelete: 'CASCADE' },
  )
  @JoinColumn()
  user!: AbstractUser;

  @Column({ type: 'text' })
  scope!: string;

  /** Identifiers of the resources that it is bound to (RFC 8707); none for any of this project's. */
  @Column({ type: 'text', array: true, default: [] })
  resources!: string[];

  @Index()
  @Column({ type: 'uuid' })
  family!: string;

  /** The one it replaced; null for the first. */
  @Index()
  @ManyToOne(() => OAuth2RefreshToken, { nullable: true, onDelete: 'SET NULL' })
  @JoinColumn()
  parent!: OAuth2RefreshToken | null;

  /** Unless it is used before. */
  @Index()
  @Column({ type: 'timestamptz' })
  expires!: Date;

  /** When the user had logged in who allowed its family; null when that is not known. */
  @Column({ type: 'timestamptz', nullable: true })
  authenticatedAt!: Date | null;

  /** When the whole family ends, however often it is refreshed. */
  @Column({ type: 'timestamptz' })
  absoluteExpires!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  usedAt!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;

  @Column({ type: 'timestamptz' })
  created!: Date;
}
