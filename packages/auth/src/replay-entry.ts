import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One nonce, or another thing that counts only once; see {@link ReplayMemory}. */
@Entity('auth_replay')
export class ReplayEntry {
  @PrimaryColumn({ type: 'varchar', length: 40 })
  scheme!: string;

  @PrimaryColumn({ type: 'bytea' })
  keyHash!: Buffer;

  @Index()
  @Column({ type: 'timestamptz' })
  expiresAt!: Date;
}
