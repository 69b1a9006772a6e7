import type { Migration } from '@rf/project';
import type { QueryRunner } from 'typeorm';

/** Where a client comes from, and what one that came by itself says of itself (OA20, OA21). */
export class OAuth20003SelfRegistration implements Migration {
  static readonly dependencies = [['oauth2', '0002_resources']] as const;
  readonly name = '0003_self_registration';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE oauth2_client
        ADD source character varying(16) NOT NULL DEFAULT 'provider',
        ADD about jsonb,
        ADD registration_token_hash character varying(64),
        ADD first_used timestamp with time zone,
        ADD document_expires timestamp with time zone`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE oauth2_client
        DROP source, DROP about, DROP registration_token_hash, DROP first_used, DROP document_expires`,
    );
  }
}
