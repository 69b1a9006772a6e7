import {
  CreateAPIView,
  DestroyAPIView,
  GenericAPIView,
  ListAPIView,
  ListCreateAPIView,
  RetrieveAPIView,
  RetrieveDestroyAPIView,
  RetrieveUpdateAPIView,
  RetrieveUpdateDestroyAPIView,
  UpdateAPIView,
} from '@rf/generics';
import { db } from '@rf/orm';
import type { Serializer } from '@rf/serializers';
import { IsAuthenticated, path, permissionClasses, type UrlEntry } from '@rf/views';
import type { SelectQueryBuilder } from 'typeorm';
import { Book, Tag } from './entities.ts';
import { IsOwnerOrReadOnly } from './permissions.ts';
import { BookMiniSerializer, IdTitleSerializer, TagSerializer } from './serializers-shared.ts';

class TagList extends ListAPIView<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;
}

class TagCreate extends CreateAPIView<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;
}

class TagRetrieve extends RetrieveAPIView<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;
}

class TagUpdate extends UpdateAPIView<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;
}

class TagDestroy extends DestroyAPIView<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;
}

class TagListCreate extends ListCreateAPIView<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;
}

class TagRetrieveUpdate extends RetrieveUpdateAPIView<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;
}

class TagRetrieveDestroy extends RetrieveDestroyAPIView<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;
}

class TagFull extends RetrieveUpdateDestroyAPIView<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;
}

class BookByCode extends RetrieveAPIView<Book> {
  override queryset = Book;
  override serializerClass = BookMiniSerializer;
  override lookupField = 'isbn';
  override lookupUrlKwarg = 'code';
}

@permissionClasses(IsAuthenticated, IsOwnerOrReadOnly)
class OwnBook extends RetrieveUpdateDestroyAPIView<Book> {
  override serializerClass = BookMiniSerializer;

  override getQueryset(): SelectQueryBuilder<Book> {
    const owner = this.request.user.id;
    return db(this.request).getRepository(Book).createQueryBuilder('book').where('book.owner = :owner', { owner });
  }
}

class SoftDelete extends DestroyAPIView<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;
  override description = 'Deletes by relabelling.';

  override async performDestroy(tag: Tag): Promise<void> {
    await db(this.request).getRepository(Tag).update(tag.id, { label: 'deleted' });
  }
}

class AnnouncedCreate extends CreateAPIView<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;

  override async performCreate(serializer: Serializer): Promise<void> {
    const { label } = serializer.validatedData as unknown as { label: string };
    await serializer.save({ label: label.toUpperCase() });
  }

  override getSuccessHeaders(data: { id: number }): Record<string, string> {
    return { Location: `/generics/full/${data.id}/` };
  }
}

class PickedSerializer extends ListAPIView<Book> {
  override getQueryset(): SelectQueryBuilder<Book> {
    return db(this.request)
      .getRepository(Book)
      .createQueryBuilder('book')
      .where('book.id IN (1, 2)')
      .orderBy('book.id');
  }

  override getSerializerClass() {
    return this.request.user.isStaff ? BookMiniSerializer : IdTitleSerializer;
  }
}

class Found extends GenericAPIView<Tag> {
  override queryset = Tag;
  override serializerClass = TagSerializer;

  override async get(): Promise<unknown> {
    const tag = await this.getObject();
    return { found: tag.slug };
  }
}

export const genericUrls: UrlEntry[] = [
  path('/generics/list/', TagList),
  path('/generics/create/', TagCreate),
  path('/generics/retrieve/:pk/', TagRetrieve),
  path('/generics/update/:pk/', TagUpdate),
  path('/generics/destroy/:pk/', TagDestroy),
  path('/generics/list-create/', TagListCreate),
  path('/generics/retrieve-update/:pk/', TagRetrieveUpdate),
  path('/generics/retrieve-destroy/:pk/', TagRetrieveDestroy),
  path('/generics/full/:pk/', TagFull),
  path('/generics/book-by-code/:code/', BookByCode),
  path('/generics/own-book/:pk/', OwnBook),
  path('/generics/soft-delete/:pk/', SoftDelete),
  path('/generics/announced-create/', AnnouncedCreate),
  path('/generics/picked-serializer/', PickedSerializer),
  path('/generics/generic/:pk/', Found),
];
