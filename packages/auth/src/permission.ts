import { Column, Entity, JoinColumn, ManyToOne, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { ContentType } from './content-type.ts';

/** Something a user may do, `auth.add_user` for instance (DJ04). */
@Entity('auth_permission')
@Unique(['contentType', 'codename'])
export class Permission {
  @PrimaryGeneratedColumn('identity', { type: 'int', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  /** For people. */
  @Column({ type: 'varchar', length: 255 })
  name!: string;

  @ManyToOne(() => ContentType, { nullable: false, deferrable: 'INITIALLY DEFERRED' })
  @JoinColumn({ name: 'content_type_id' })
  contentType!: ContentType;

  /** `add_book`, say. */
  @Column({ type: 'varchar', length: 100 })
  codename!: string;

  toString(): string {
    return this.name;
  }
}
