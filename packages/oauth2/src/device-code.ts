import { type AbstractUser, User } from '@rf/auth';
import { sensitive, substitutable } from '@rf/orm';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { OAuth2Client } from './client.ts';

/** A device that waits for somebody to allow it from another screen (RFC 8628). */
@Entity('oauth2_device_code')
export class OAuth2DeviceCode {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'BY DEFAULT' })
  id!: string;

  @sensitive
  @Column({ type: 'varchar', length: 64, unique: true })
  deviceCodeHash!: string;

  /** Keyed with the project's secret key: the short code itself could be guessed from a plain hash. */
  @sensitive
  @Column({ type: 'varchar', length: 64, unique: true })
  userCodeHash!: string;

  @Index()
  @ManyToOne(() => OAuth2Client, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn()
  client!: OAuth2Client;

  /** Who allowed or denied it; null while nobody has. */
  @Index()
  @ManyToOne(
    substitutable(() => User),
    { nullable: true, onDelete: 'CASCADE' },
  )
  @JoinColumn()
  user!: AbstractUser | null;

  @Column({ type: 'text' })
  scope!: string;

  /** Identifiers of the resources that it is bound to (RFC 8707); none for any of this project's. */
  @Column({ type: 'text', array: true, default: [] })
  resources!: string[];

  @Index()
  @Column({ type: 'timestamptz' })
  expires!: Date;

  /** Seconds between two polls; grows when the device comes too early. */
  @Column({ type: 'integer' })
  pollSeconds!: number;

  @Column({ type: 'timestamptz', nullable: true })
  lastPolled!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  allowedAt!: Date | null;

  /** When the user had logged in who allowed it; null when that is not known. */
  @Column({ type: 'timestamptz', nullable: true })
  authenticatedAt!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  deniedAt!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  usedAt!: Date | null;

  @Column({ type: 'uuid' })
  family!: string;
}
