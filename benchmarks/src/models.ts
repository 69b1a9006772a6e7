import { sensitive, substitutable } from '@rf/orm';
import { Token } from '@rf/authtoken';
import { User } from '@rf/auth';
import type { RequestUser } from '@rf/views';
import {
  Column,
  CreateDateColumn,
  Entity,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  PrimaryGeneratedColumn,
} from 'typeorm';

/** The users of the benchmark: fewer columns than the stock model has. */
@Entity('bench_user')
export class BenchUser implements RequestUser {
  @PrimaryGeneratedColumn({ type: 'int' })
  id!: number;

  @Column({ type: 'varchar', length: 150, unique: true })
  username!: string;

  @Column({ type: 'varchar', length: 254 })
  email!: string;

  @sensitive
  @Column({ type: 'varchar', length: 128 })
  password!: string;

  @Column({ type: 'boolean', default: false })
  isStaff!: boolean;

  @Column({ type: 'boolean', default: true })
  isActive!: boolean;

  get isAuthenticated(): true {
    return true;
  }

  get isSuperuser(): boolean {
    return false;
  }

  getUsername(): string {
    return this.username;
  }
}
@Entity('authtoken')
export class BenchToken extends Token {}

@Entity('publisher')
export class Publisher {
  @PrimaryGeneratedColumn({ type: 'int' })
  id!: number;

  @Column({ type: 'varchar', length: 100, unique: true })
  name!: string;

  @Column({ type: 'varchar', length: 100 })
  city!: string;
}

@Entity('author')
export class Author {
  @PrimaryGeneratedColumn({ type: 'int' })
  id!: number;

  @Column({ type: 'varchar', length: 100 })
  name!: string;
}

@Entity('book')
export class Book {
  @PrimaryGeneratedColumn({ type: 'int' })
  id!: number;

  @Column({ type: 'varchar', length: 200 })
  title!: string;

  @Column({ type: 'varchar', length: 13, unique: true })
  isbn!: string;

  @Column({ type: 'numeric', precision: 8, scale: 2 })
  price!: string;

  @Column({ type: 'date', nullable: true })
  published!: string | null;

  @Column({ type: 'boolean', name: 'inPrint', default: true })
  inPrint!: boolean;

  @Column({ type: 'int', nullable: true })
  pages!: number | null;

  @CreateDateColumn({ type: 'timestamptz' })
  created!: Date;

  @ManyToOne(() => Publisher, { nullable: true, onDelete: 'SET NULL' })
  @JoinColumn({ name: 'publisher_id' })
  publisher!: Publisher | null;

  @ManyToOne(
    substitutable(() => User),
    { nullable: false },
  )
  @JoinColumn({ name: 'owner_id' })
  owner!: BenchUser;

  @ManyToMany(() => Author)
  @JoinTable({
    name: 'book_authors',
    joinColumn: { name: 'book_id' },
    inverseJoinColumn: { name: 'author_id' },
  })
  authors!: Author[];
}
