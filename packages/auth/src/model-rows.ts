import type { EntityClass } from '@rf/orm';
import type { EntityManager } from 'typeorm';
import { ContentType } from './content-type.ts';
import { declaredPermissions } from './declared-permissions.ts';
import type { ModelName } from './model-name.ts';
import { Permission } from './permission.ts';

/** A model of an app. */
export interface AppModel {
  readonly entity: EntityClass;
  readonly name: ModelName;
}

/**
 * Makes the content type of each model and its permissions where they are missing (DJ04). Run after migrations; changes nothing that
 * is there.
 */
export async function createModelRows(manager: EntityManager, models: readonly AppModel[]): Promise<void> {
  for (const { entity, name } of models) {
    const contentType = await contentTypeOf(manager, name);
    const wanted = permissionsOf(entity, name.model);
    const present = await manager.findBy(Permission, { contentType: { id: contentType.id } });
    const known = new Set(present.map(({ codename }) => codename));
    const missing = wanted.filter(({ codename }) => !known.has(codename));
    if (missing.length > 0) {
      await manager.insert(
        Permission,
        missing.map((row) => ({ ...row, contentType: { id: contentType.id } })),
      );
    }
  }
}

async function contentTypeOf(manager: EntityManager, { app, model }: ModelName): Promise<ContentType> {
  const row = { appLabel: app, model };
  return (await manager.findOneBy(ContentType, row)) ?? manager.save(manager.create(ContentType, row));
}

function permissionsOf(entity: EntityClass, model: string): { codename: string; name: string }[] {
  const { custom, defaults } = declaredPermissions(entity);
  const verbose = entity.name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return [
    ...defaults.map((action) => ({ codename: `${action}_${model}`, name: `Can ${action} ${verbose}` })),
    ...Object.entries(custom).map(([codename, name]) => ({ codename, name })),
  ];
}
