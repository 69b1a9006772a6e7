import { randomBytes } from 'node:crypto';
import { type AbstractUser, User } from '@rf/auth';
import { field, substitutable } from '@rf/orm';
import { BeforeInsert, Column, Entity, JoinColumn, OneToOne, PrimaryColumn } from 'typeorm';

/** A user's token, on Django REST framework's `authtoken_token`: one for each user, kept in clear, without end (TK02, TK16). */
@Entity('authtoken_token')
export class Token {
  /** 40 hexadecimal digits; made when the row is stored without one. */
  @PrimaryColumn({ type: 'varchar', length: 40 })
  key!: string;

  @OneToOne(
    substitutable(() => User),
    { nullable: false, deferrable: 'INITIALLY DEFERRED' },
  )
  @JoinColumn({ name: 'user_id' })
  user!: AbstractUser;

  @field({ editable: false })
  @Column({ type: 'timestamptz' })
  created!: Date;

  /** A new key: 160 random bits. Override it in a model of one's own. */
  static generateKey(): string {
    return randomBytes(20).toString('hex');
  }

  @BeforeInsert()
  protected fillDefaults(): void {
    this.key ??= (this.constructor as typeof Token).generateKey();
    this.created ??= new Date();
  }

  toString(): string {
    return this.key;
  }
}
