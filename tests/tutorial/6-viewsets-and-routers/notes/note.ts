import { User } from '@rf/auth';
import { field, substitutable } from '@rf/orm';
import { Column, CreateDateColumn, Entity, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';

@Entity('notes_note')
export class Note {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @Column({ type: 'varchar', length: 200 })
  title!: string;

  @field({ blank: true })
  @Column({ type: 'text', default: '' })
  body!: string;

  @ManyToOne(
    substitutable(() => User),
    { nullable: false, onDelete: 'CASCADE' },
  )
  owner!: User;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;
}
