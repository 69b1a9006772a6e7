import { field } from '@rf/orm';
import { Column, Entity, JoinTable, ManyToMany, PrimaryGeneratedColumn } from 'typeorm';
import { Permission } from './permission.ts';

/** Users who share permissions (DJ04). */
@Entity('auth_group')
export class Group {
  @PrimaryGeneratedColumn('identity', { type: 'int', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @Column({ type: 'varchar', length: 150, unique: true })
  name!: string;

  @field({ blank: true })
  @ManyToMany(() => Permission)
  @JoinTable()
  permissions!: Permission[];

  toString(): string {
    return this.name;
  }
}
