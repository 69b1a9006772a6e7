import { ImproperlyConfigured } from '@rf/exceptions';
import { isFile, type SerializerContext, settingsOf } from '@rf/serializers';
import type { Storage } from '@rf/views';
import type { EntityMetadata } from 'typeorm';
import { entityField, type EntityFieldOptions } from './entity-field.ts';
import type { EntityClass } from './substitutable.ts';

/** A column that holds the name of a stored file. */
interface FileColumn {
  readonly property: string;
  readonly length: number;
  readonly declared: EntityFieldOptions;
}

const known = new WeakMap<EntityMetadata, readonly FileColumn[]>();

function fileColumns(metadata: EntityMetadata): readonly FileColumn[] {
  let columns = known.get(metadata);
  if (columns === undefined) {
    columns = metadata.columns.flatMap(({ target, propertyPath, length }) => {
      const declared = entityField(target as EntityClass, propertyPath);
      const isFileColumn = declared.kind === 'file' || declared.kind === 'image';
      return isFileColumn ? [{ property: propertyPath, length: Number(length) || Infinity, declared }] : [];
    });
    known.set(metadata, columns);
  }
  return columns;
}

/** True where one of the values is a file that a storage has to keep first. */
export function hasFiles(metadata: EntityMetadata, values: Readonly<Record<string, unknown>>): boolean {
  return fileColumns(metadata).some(({ property }) => isFile(values[property]));
}

/**
 * Keeps the files among the values in the project's storage, then calls `write` with their names in their places. Files of a row that
 * cannot be written are removed again.
 *
 * Throws ImproperlyConfigured when the project has no storage.
 */
export async function storingFiles<T>(
  metadata: EntityMetadata,
  context: SerializerContext,
  values: Readonly<Record<string, unknown>>,
  write: (values: Readonly<Record<string, unknown>>) => Promise<T>,
): Promise<T> {
  const storage = settingsOf(context).storage as Storage | null;
  const named: Record<string, unknown> = { ...values };
  const kept: string[] = [];
  try {
    for (const { property, length, declared } of fileColumns(metadata)) {
      const file = values[property];
      if (!isFile(file)) continue;
      if (storage === null) throw noStorage(metadata, property);
      const folder = declared.uploadTo === undefined ? '' : `${declared.uploadTo}/`;
      const name = await storage.save(folder + file.name, file, { maxLength: length });
      kept.push(name);
      named[property] = name;
    }
    return await write(named);
  } catch (error) {
    for (const name of kept) await storage?.delete(name);
    throw error;
  }
}

function noStorage(metadata: EntityMetadata, property: string): ImproperlyConfigured {
  return new ImproperlyConfigured(
    `${metadata.name}.${property} is a file, and the project has no storage to keep it in. Write ` +
      "`storage: new FileSystemStorage({ directory: './media' })` in the settings of the project.",
  );
}
