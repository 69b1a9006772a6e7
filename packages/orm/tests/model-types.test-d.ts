import {
  asDecimal,
  HyperlinkedModelSerializer,
  ModelSerializer,
  PrimaryKeyRelatedField,
  SlugRelatedField,
} from '@rf/orm';
import type { Decimal, Input, Moment, Representation, Validated } from '@rf/serializers';
import { CharField } from '@rf/serializers';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { Author, Book, Publisher, Tag } from './fixtures/bookshop.ts';

/** True for the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Flat<T> = { [Key in keyof T]: T[Key] };

function holds<_Claim extends true>(): void {}

class BookSerializer extends ModelSerializer(Book, {
  fields: ['id', 'title', 'inPrint', 'pages', 'created', 'publisher', 'authors', 'tags', 'note'],
  readOnlyFields: ['created'],
  extraKwargs: { inPrint: { required: false } },
}) {
  tags = new SlugRelatedField({ queryset: Tag, slugField: 'slug', many: true, required: false });
  note = new CharField({ required: false });
}

// Validated data has the types of the entity's properties: read-only ones are left out, nullable ones optional.
holds<
  Same<
    Flat<Validated<BookSerializer>>,
    {
      title: string;
      authors: Author[];
      pages?: number | null;
      publisher?: Publisher | null;
      inPrint?: boolean;
      tags?: Tag[];
      note?: string;
    }
  >
>();

// What is shown has keys for entities and text for moments.
const shown = {} as Representation<BookSerializer>;
holds<Same<typeof shown.id, number>>();
holds<Same<typeof shown.created, string>>();
holds<Same<typeof shown.publisher, number | null>>();
holds<Same<typeof shown.authors, number[]>>();
holds<Same<typeof shown.tags, string[] | undefined>>();

const input = {} as Input<BookSerializer>;
holds<Same<typeof input.authors, number[]>>();
holds<Same<typeof input.pages, string | number | null | undefined>>();

// What save gives is the entity.
async function save(serializer: BookSerializer): Promise<Book> {
  const { title, authors } = serializer.validatedData;
  holds<Same<typeof title, string>>();
  holds<Same<typeof authors, Author[]>>();
  return serializer.save();
}
void save;

@Entity()
class Item {
  @PrimaryGeneratedColumn()
  id!: number;
  @Column({ type: 'numeric', transformer: asDecimal })
  price!: Decimal;
  @Column({ type: 'timestamptz' })
  since!: Date;
  secret?: string;
  method(): number {
    return 1;
  }
}

class AllSerializer extends ModelSerializer(Item, { fields: '__all__' }) {}
class SomeSerializer extends ModelSerializer(Item, { exclude: ['secret'] }) {}
class LinkSerializer extends HyperlinkedModelSerializer(Item, { fields: ['since'] }) {}

holds<Same<Flat<Validated<AllSerializer>>, { price: Decimal; since: Moment; secret?: string }>>();
holds<Same<Flat<Validated<SomeSerializer>>, { price: Decimal; since: Moment }>>();
holds<Same<Flat<Validated<LinkSerializer>>, { since: Moment }>>();

class KeySerializer extends ModelSerializer(Book, { fields: ['publisher'] }) {
  publisher = new PrimaryKeyRelatedField({ queryset: Publisher });
}
holds<Same<Flat<Validated<KeySerializer>>, { publisher: Publisher }>>();

// @ts-expect-error: the first argument is a class
ModelSerializer({}, { fields: [] });
