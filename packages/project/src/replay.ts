import type { QueryRunner } from 'typeorm';
import { openDatabase } from './open-database.ts';
import type { Project } from './project.ts';

/** Runs `work` on an empty embedded database with the project's entities; nothing of it remains. */
export async function replay<T>(project: Project, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const source = await openDatabase(project, { url: 'pglite://memory' });
  try {
    const runner = source.createQueryRunner();
    try {
      return await work(runner);
    } finally {
      await runner.release();
    }
  } finally {
    await source.destroy();
  }
}
