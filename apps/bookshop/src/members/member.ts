import { AbstractUser } from '@rf/auth';
import { Column, Entity } from 'typeorm';

/** The shop's own user model: everything of the stock one, and a shelf. Its table comes before all that refer to users. */
@Entity('members_member')
export class Member extends AbstractUser {
  /** Where the member's favourite books stand. */
  @Column({ type: 'varchar', length: 40, default: '' })
  shelf!: string;
}
