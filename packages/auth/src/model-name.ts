import type { EntityClass } from '@rf/orm';
import type { Project } from '@rf/project';
import { ContentType } from './content-type.ts';

/** How permissions and content types name a model. */
export interface ModelName {
  /** Label of its app. */
  readonly app: string;
  /** Name of its class in lower case. */
  readonly model: string;
}

/** The name of a model; its app is empty when no app of the project has it. */
export function modelName(project: Project, entity: EntityClass): ModelName {
  // In Django content types are an app of their own.
  const app = entity === ContentType ? 'contenttypes' : (project.appOf(entity)?.label ?? '');
  return { app, model: entity.name.toLowerCase() };
}
