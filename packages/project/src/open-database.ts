import { createDataSource, type DataSourceSettings } from '@rf/orm';
import type { DataSource } from 'typeorm';
import type { Project } from './project.ts';

/** Opens the database of a project, or with `url` another one, without opening the project. */
export function openDatabase(project: Project, settings: Partial<DataSourceSettings> = {}): Promise<DataSource> {
  return createDataSource({
    url: project.database,
    entities: project.entities,
    substitutes: project.substitutes,
    ...(project.poolSize === undefined ? {} : { poolSize: project.poolSize }),
    ...settings,
  });
}
