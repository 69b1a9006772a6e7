import { Column, Entity, JoinColumn, OneToOne, PrimaryGeneratedColumn } from 'typeorm';
import { OutstandingToken } from './outstanding-token.ts';

/** An outstanding token that was taken back or spent, on simplejwt's table (JW09). */
@Entity('token_blacklist_blacklistedtoken')
export class BlacklistedToken {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'BY DEFAULT' })
  id!: string;

  @OneToOne(() => OutstandingToken, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn()
  token!: OutstandingToken;

  @Column({ type: 'timestamptz' })
  blacklistedAt!: Date;
}
