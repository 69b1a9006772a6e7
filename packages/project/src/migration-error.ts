import { CommandError } from './command.ts';

/** The migrations, or what the database says of them, do not fit together. The text says what and what to do. */
export class MigrationError extends CommandError {
  override name = 'MigrationError';
}
