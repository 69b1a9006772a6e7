import { asDecimal, field } from '@rf/orm';
import type { Decimal } from '@rf/serializers';
import {
  Column,
  CreateDateColumn,
  Entity,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  PrimaryGeneratedColumn,
  Unique,
  VersionColumn,
} from 'typeorm';
import { Member } from '../members/member.ts';

@Entity('shop_publisher')
export class Publisher {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @Column({ type: 'varchar', length: 100, unique: true })
  name!: string;

  @Column({ type: 'varchar', length: 100 })
  city!: string;

  @field({ kind: 'url', blank: true })
  @Column({ type: 'varchar', length: 200, default: '' })
  website!: string;

  @OneToMany(
    () => Book,
    (book) => book.publisher,
  )
  books!: Book[];
}

@Entity('shop_author')
export class Author {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @Column({ type: 'varchar', length: 100 })
  name!: string;

  @Column({ type: 'date', nullable: true })
  born!: string | null;

  @ManyToMany(
    () => Book,
    (book) => book.authors,
  )
  books!: Book[];
}

@Entity('shop_tag')
export class Tag {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @field({ kind: 'slug' })
  @Column({ type: 'varchar', length: 50, unique: true })
  slug!: string;

  @Column({ type: 'varchar', length: 50 })
  label!: string;

  @ManyToMany(
    () => Book,
    (book) => book.tags,
  )
  books!: Book[];
}

@Entity('shop_book')
export class Book {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @Column({ type: 'varchar', length: 200 })
  title!: string;

  @field({ label: 'ISBN' })
  @Column({ type: 'varchar', length: 13, unique: true })
  isbn!: string;

  @field({ min: 0 })
  @Column({ type: 'numeric', precision: 8, scale: 2, transformer: asDecimal })
  price!: Decimal;

  @Column({ type: 'date', nullable: true })
  published!: string | null;

  @field({ min: 1 })
  @Column({ type: 'integer', nullable: true })
  pages!: number | null;

  @field({ choices: { en: 'English', de: 'German', fr: 'French' } })
  @Column({ type: 'varchar', length: 2, default: 'en' })
  language!: string;

  @Column({ type: 'boolean', default: true })
  inPrint!: boolean;

  @field({ kind: 'image', uploadTo: 'covers' })
  @Column({ type: 'varchar', length: 100, nullable: true })
  cover!: string | null;

  @ManyToOne(
    () => Publisher,
    (publisher) => publisher.books,
    { nullable: true, onDelete: 'RESTRICT' },
  )
  publisher!: Publisher | null;

  @ManyToMany(
    () => Author,
    (author) => author.books,
  )
  @JoinTable()
  authors!: Author[];

  @field({ blank: true })
  @ManyToMany(
    () => Tag,
    (tag) => tag.books,
  )
  @JoinTable()
  tags!: Tag[];

  @OneToMany(
    () => Review,
    (review) => review.book,
  )
  reviews!: Review[];

  @CreateDateColumn({ type: 'timestamptz' })
  created!: Date;

  /** Goes up with every change; the entity tag of conditional requests. */
  @VersionColumn({ type: 'integer', default: 1 })
  version!: number;
}

/** What a member thinks of a book; one each. */
@Entity('shop_review')
@Unique(['book', 'reviewer'])
export class Review {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  @ManyToOne(
    () => Book,
    (book) => book.reviews,
    { nullable: false, onDelete: 'CASCADE' },
  )
  book!: Book;

  @ManyToOne(() => Member, { nullable: false, onDelete: 'CASCADE' })
  reviewer!: Member;

  @field({ min: 1, max: 5 })
  @Column({ type: 'integer' })
  stars!: number;

  @field({ blank: true })
  @Column({ type: 'text', default: '' })
  text!: string;

  @CreateDateColumn({ type: 'timestamptz' })
  created!: Date;
}
