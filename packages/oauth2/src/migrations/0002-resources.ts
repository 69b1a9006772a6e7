import type { Migration } from '@rf/project';
import type { QueryRunner } from 'typeorm';

const TABLES = [
  'oauth2_code',
  'oauth2_access_token',
  'oauth2_refresh_token',
  'oauth2_consent',
  'oauth2_device_code',
] as const;

/** The resources that an authorization is bound to (RFC 8707); those from before are bound to none. */
export class OAuth20002Resources implements Migration {
  static readonly dependencies = [['oauth2', '0001_initial']] as const;
  readonly name = '0002_resources';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`ALTER TABLE ${table} ADD resources text[] NOT NULL DEFAULT '{}'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`ALTER TABLE ${table} DROP COLUMN resources`);
  }
}
