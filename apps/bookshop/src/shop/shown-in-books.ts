import { atomic } from '@rf/orm';
import type { BaseSerializer } from '@rf/serializers';
import type { Request } from '@rf/views';
import { type Author, Book, type Tag } from './entities.ts';

/**
 * Saves an author or a tag, and counts it as a change of the books that show it: whoever asks for them with an entity tag gets them
 * anew.
 */
export function saveShownInBooks(
  request: Request,
  serializer: BaseSerializer,
  relation: 'authors' | 'tags',
): Promise<void> {
  return atomic(request, async (manager) => {
    const { id } = (await serializer.save()) as Author | Tag;
    const showing = manager
      .createQueryBuilder(Book, 'book')
      .select('book.id')
      .innerJoin(`book.${relation}`, 'shown')
      .where('shown.id = :id');
    const update = manager
      .createQueryBuilder()
      .update(Book)
      .set({ version: () => 'version + 1' });
    await update.where(`id IN (${showing.getQuery()})`, { id }).execute();
  });
}
