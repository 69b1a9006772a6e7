import { type EntityMetadata, type EntityManager, In } from 'typeorm';
import { ContentType } from './content-type.ts';
import { Permission } from './permission.ts';

const ACTIONS = ['add', 'change', 'delete', 'view'] as const;

/** A model of an app. */
export interface AppModel {
  readonly appLabel: string;
  readonly metadata: EntityMetadata;
}

/**
 * Makes the content type of each model and its four permissions where they are missing (DJ04). Run after migrations; changes nothing
 * that is there.
 */
export async function createModelRows(manager: EntityManager, models: readonly AppModel[]): Promise<void> {
  for (const { appLabel, metadata } of models) {
    const model = metadata.name.toLowerCase();
    const contentType =
      (await manager.findOneBy(ContentType, { appLabel, model })) ??
      (await manager.save(manager.create(ContentType, { appLabel, model })));
    const codenames = ACTIONS.map((action) => `${action}_${model}`);
    const present = await manager.findBy(Permission, {
      contentType: { id: contentType.id },
      codename: In(codenames),
    });
    const missing = ACTIONS.filter((action) => !present.some(({ codename }) => codename === `${action}_${model}`));
    const verbose = metadata.name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
    for (const action of missing) {
      await manager.insert(Permission, {
        name: `Can ${action} ${verbose}`,
        codename: `${action}_${model}`,
        contentType: { id: contentType.id },
      });
    }
  }
}
