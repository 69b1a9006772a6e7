import { type AbstractUser, User } from '@rf/auth';
import { substitutable } from '@rf/orm';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { OAuth2Client } from './client.ts';

/** What a user allowed a client, so that the same is not asked twice. */
@Entity('oauth2_consent')
@Unique(['user', 'client'])
export class OAuth2Consent {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'BY DEFAULT' })
  id!: string;

  @ManyToOne(
    substitutable(() => User),
    { nullable: false, onDelete: 'CASCADE' },
  )
  @JoinColumn()
  user!: AbstractUser;

  @Index()
  @ManyToOne(() => OAuth2Client, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn()
  client!: OAuth2Client;

  @Column({ type: 'text' })
  scope!: string;

  /** Identifiers of the resources that it is bound to (RFC 8707); none for any of this project's. */
  @Column({ type: 'text', array: true, default: [] })
  resources!: string[];

  @Column({ type: 'timestamptz' })
  grantedAt!: Date;
}
