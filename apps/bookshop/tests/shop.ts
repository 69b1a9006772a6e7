import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { users } from '@rf/auth';
import { type APIClient, openTestProject, type TestProject } from '@rf/testing';
import { FileSystemStorage, MemoryThrottleStore } from '@rf/views';
import { project } from '../src/project.ts';
import { seed } from '../src/shop/seed.ts';

/** The bookshop with its demo data, open for tests. */
export class Shop {
  private constructor(
    readonly test: TestProject,
    readonly media: string,
  ) {}

  static async open(): Promise<Shop> {
    const media = await mkdtemp(join(tmpdir(), 'bookshop-media-'));
    const test = await openTestProject(project, {
      client: { format: 'json' },
      settings: { storage: new FileSystemStorage({ directory: media }), throttleStore: new MemoryThrottleStore() },
    });
    await seed(test.site);
    return new Shop(test, media);
  }

  get site() {
    return this.test.site;
  }

  /** Somebody who is logged in by name; a stranger without one. */
  async as(username?: string): Promise<APIClient> {
    const client = this.test.client();
    if (username !== undefined) {
      client.forceAuthenticate({ user: await users(this.site).findOneByOrFail({ username }) });
    }
    return client;
  }

  async close(): Promise<void> {
    await this.test.close();
    await rm(this.media, { recursive: true });
  }
}
