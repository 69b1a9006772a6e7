import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** One model of the project, as permissions name it: Django's `django_content_type`. */
@Entity('django_content_type')
@Unique(['appLabel', 'model'])
export class ContentType {
  @PrimaryGeneratedColumn('identity', { type: 'int', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @Column({ type: 'varchar', length: 100 })
  appLabel!: string;

  /** Lower-case name of the entity. */
  @Column({ type: 'varchar', length: 100 })
  model!: string;

  toString(): string {
    return `${this.appLabel} | ${this.model}`;
  }
}
