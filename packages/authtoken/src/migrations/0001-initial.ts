import { User, userReference } from '@rf/auth';
import { type Migration, swappable } from '@rf/project';
import type { QueryRunner } from 'typeorm';

/** The token table, the same as Django REST framework makes. The user table comes first, whichever it is (TK12). */
export class Authtoken0001Initial implements Migration {
  static readonly dependencies = [swappable(User)] as const;
  readonly name = '0001_initial';

  async up(runner: QueryRunner): Promise<void> {
    const user = userReference(runner);
    await runner.query(`CREATE TABLE authtoken_token (
      key character varying(40) NOT NULL,
      created timestamp with time zone NOT NULL,
      user_id ${user.type} NOT NULL,
      CONSTRAINT authtoken_token_pkey PRIMARY KEY (key),
      CONSTRAINT authtoken_token_user_id_key UNIQUE (user_id),
      CONSTRAINT authtoken_token_user_id_35299eff_fk_auth_user_id FOREIGN KEY (user_id)
        REFERENCES ${user.target} DEFERRABLE INITIALLY DEFERRED)`);
    await runner.query('CREATE INDEX authtoken_token_key_10f0b77e_like ON authtoken_token (key varchar_pattern_ops)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE authtoken_token');
  }
}
