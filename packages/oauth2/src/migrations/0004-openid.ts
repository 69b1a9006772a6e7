import type { Migration } from '@rf/project';
import type { QueryRunner } from 'typeorm';

const TIMED = ['oauth2_code', 'oauth2_device_code', 'oauth2_refresh_token'];

/** When the user had logged in, and what clients of OpenID Connect are registered with. */
export class OAuth20004OpenId implements Migration {
  static readonly dependencies = [['oauth2', '0003_self_registration']] as const;
  readonly name = '0004_openid';

  async up(runner: QueryRunner): Promise<void> {
    for (const table of TIMED) {
      await runner.query(`ALTER TABLE ${table} ADD COLUMN authenticated_at timestamp with time zone`);
    }
    await runner.query(`ALTER TABLE oauth2_client
      ADD COLUMN post_logout_redirect_uris text[] NOT NULL DEFAULT '{}',
      ADD COLUMN id_token_algorithm character varying(16)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE oauth2_client DROP COLUMN post_logout_redirect_uris, DROP COLUMN id_token_algorithm',
    );
    for (const table of TIMED) await runner.query(`ALTER TABLE ${table} DROP COLUMN authenticated_at`);
  }
}
