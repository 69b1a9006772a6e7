// The entities that pages of the documentation import from the reader's project.
import {
  Column,
  CreateDateColumn,
  Entity,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  PrimaryGeneratedColumn,
} from 'typeorm';

@Entity('docs_publisher')
export class Publisher {
  @PrimaryGeneratedColumn({ type: 'int' })
  id!: number;

  @Column({ type: 'varchar', length: 100, unique: true })
  name!: string;

  @OneToMany(
    () => Book,
    (book) => book.publisher,
  )
  books!: Book[];
}

@Entity('docs_author')
export class Author {
  @PrimaryGeneratedColumn({ type: 'int' })
  id!: number;

  @Column({ type: 'varchar', length: 100 })
  name!: string;

  @ManyToMany(
    () => Book,
    (book) => book.authors,
  )
  books!: Book[];
}

@Entity('docs_tag')
export class Tag {
  @PrimaryGeneratedColumn({ type: 'int' })
  id!: number;

  @Column({ type: 'varchar', length: 50, unique: true })
  slug!: string;

  @Column({ type: 'varchar', length: 100 })
  label!: string;
}

@Entity('docs_book')
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

  @Column({ type: 'int', nullable: true })
  pages!: number | null;

  @Column({ type: 'boolean', default: true })
  inPrint!: boolean;

  @CreateDateColumn({ type: 'timestamptz' })
  created!: Date;

  @ManyToOne(
    () => Publisher,
    (publisher) => publisher.books,
    { nullable: true, onDelete: 'SET NULL' },
  )
  publisher!: Publisher | null;

  @ManyToMany(
    () => Author,
    (author) => author.books,
  )
  @JoinTable()
  authors!: Author[];

  @ManyToMany(() => Tag)
  @JoinTable()
  tags!: Tag[];

  @OneToMany(
    () => Review,
    (review) => review.book,
  )
  reviews!: Review[];
}

@Entity('docs_review')
export class Review {
  @PrimaryGeneratedColumn({ type: 'int' })
  id!: number;

  @Column({ type: 'int' })
  stars!: number;

  @ManyToOne(
    () => Book,
    (book) => book.reviews,
    { onDelete: 'CASCADE' },
  )
  book!: Book;
}

@Entity('docs_order')
export class Order {
  @PrimaryGeneratedColumn({ type: 'int' })
  id!: number;

  @Column({ type: 'varchar', length: 100 })
  customer!: string;

  @OneToMany(
    () => OrderLine,
    (line) => line.order,
  )
  lines!: OrderLine[];
}

@Entity('docs_order_line')
export class OrderLine {
  @PrimaryGeneratedColumn({ type: 'int' })
  id!: number;

  @Column({ type: 'varchar', length: 13 })
  isbn!: string;

  @Column({ type: 'int' })
  quantity!: number;

  @ManyToOne(
    () => Order,
    (order) => order.lines,
    { onDelete: 'CASCADE' },
  )
  order!: Order;
}
