import { type Migration, swappable } from '@rf/project';
import type { QueryRunner } from 'typeorm';
import { User } from '../user.ts';
import { userReference } from '../user-reference.ts';

/** Sessions and the replay memory, on tables of our own. */
export class Auth0002Sessions implements Migration {
  static readonly dependencies = [['auth', '0001_initial'], swappable(User)] as const;
  readonly name = '0002_sessions';

  async up(runner: QueryRunner): Promise<void> {
    const user = userReference(runner);
    await runner.query(`CREATE TABLE auth_session (
      key_hash character varying(64) NOT NULL,
      data jsonb NOT NULL,
      created timestamp with time zone NOT NULL,
      expires timestamp with time zone NOT NULL,
      user_id ${user.type},
      CONSTRAINT auth_session_pkey PRIMARY KEY (key_hash),
      CONSTRAINT auth_session_user_id_fk FOREIGN KEY (user_id) REFERENCES ${user.target} ON DELETE CASCADE)`);
    await runner.query('CREATE INDEX auth_session_expires ON auth_session (expires)');
    await runner.query('CREATE INDEX auth_session_user_id ON auth_session (user_id)');
    await runner.query(`CREATE TABLE auth_replay (
      scheme character varying(40) NOT NULL,
      key_hash bytea NOT NULL,
      expires_at timestamp with time zone NOT NULL,
      CONSTRAINT auth_replay_pkey PRIMARY KEY (scheme, key_hash))`);
    await runner.query('CREATE INDEX auth_replay_expires_at ON auth_replay (expires_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE auth_replay, auth_session');
  }
}
