import { User } from '@rf/auth';
import { field, needs, substitutable } from '@rf/orm';
import {
  Column,
  CreateDateColumn,
  Entity,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  PrimaryGeneratedColumn,
  Unique,
} from 'typeorm';

@Entity('shop_publisher')
export class Publisher {
  @PrimaryGeneratedColumn('identity', { type: 'int' })
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

  toString(): string {
    return this.name;
  }
}

@Entity('shop_author')
export class Author {
  @PrimaryGeneratedColumn('identity', { type: 'int' })
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

  @needs('books.id')
  get bookCount(): number {
    return this.books.length;
  }

  toString(): string {
    return this.name;
  }
}

@Entity('shop_tag')
export class Tag {
  @PrimaryGeneratedColumn('identity', { type: 'int' })
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

  toString(): string {
    return this.label;
  }
}

export const LANGUAGES = [
  ['en', 'English'],
  ['fr', 'French'],
  ['de', 'German'],
] as const;

@Entity('shop_book')
export class Book {
  @PrimaryGeneratedColumn('identity', { type: 'int' })
  id!: number;

  @Column({ type: 'varchar', length: 200 })
  title!: string;

  @field({ label: 'ISBN' })
  @Column({ type: 'varchar', length: 13, unique: true })
  isbn!: string;

  @Column({ type: 'numeric', precision: 8, scale: 2 })
  price!: string;

  @Column({ type: 'date', nullable: true })
  published!: string | null;

  @field({ label: 'in print' })
  @Column({ type: 'boolean', default: true })
  inPrint!: boolean;

  @field({ min: 0, max: 2147483647 })
  @Column({ type: 'int', nullable: true })
  pages!: number | null;

  @Column({ type: 'double precision', nullable: true })
  rating!: number | null;

  @field({ choices: LANGUAGES })
  @Column({ type: 'varchar', length: 2, default: 'en' })
  language!: string;

  @Column({ type: 'jsonb', default: {} })
  metadata!: unknown;

  @CreateDateColumn({ type: 'timestamptz' })
  created!: Date;

  @ManyToOne(
    () => Publisher,
    (publisher) => publisher.books,
    { nullable: true, onDelete: 'SET NULL' },
  )
  @JoinColumn({ name: 'publisher_id' })
  publisher!: Publisher | null;

  @ManyToOne(
    substitutable(() => User),
    { nullable: false, onDelete: 'CASCADE' },
  )
  @JoinColumn({ name: 'owner_id' })
  owner!: User;

  @ManyToMany(
    () => Author,
    (author) => author.books,
  )
  @JoinTable({ name: 'shop_book_authors' })
  authors!: Author[];

  @field({ blank: true })
  @ManyToMany(
    () => Tag,
    (tag) => tag.books,
  )
  @JoinTable({ name: 'shop_book_tags' })
  tags!: Tag[];

  @OneToMany(
    () => Review,
    (review) => review.book,
  )
  reviews!: Review[];

  get headline(): string {
    return `${this.title} (${this.language})`;
  }

  displayPrice(): string {
    return `EUR ${Number(this.price).toFixed(2)}`;
  }

  toString(): string {
    return this.title;
  }
}

@Entity('shop_review')
@Unique(['book', 'reviewer'])
export class Review {
  @PrimaryGeneratedColumn('identity', { type: 'int' })
  id!: number;

  @ManyToOne(
    () => Book,
    (book) => book.reviews,
    { nullable: false, onDelete: 'CASCADE' },
  )
  @JoinColumn({ name: 'book_id' })
  book!: Book;

  @ManyToOne(
    substitutable(() => User),
    { nullable: false, onDelete: 'CASCADE' },
  )
  @JoinColumn({ name: 'reviewer_id' })
  reviewer!: User;

  @field({ min: 1, max: 5 })
  @Column({ type: 'int' })
  stars!: number;

  @field({ blank: true })
  @Column({ type: 'text', default: '' })
  text!: string;

  @CreateDateColumn({ type: 'timestamptz' })
  created!: Date;

  @needs('stars', 'book.title')
  toString(): string {
    return `${this.stars} stars for ${this.book.title}`;
  }
}

export const entities = [Publisher, Author, Tag, Book, Review];
