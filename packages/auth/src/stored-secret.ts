import { dataSource } from '@rf/orm';
import type { Site } from '@rf/views';
import { SealedSecretError, type SecretBox, secretBox } from './secret-box.ts';

/**
 * The secret of a row that clients are checked with; null when it cannot be opened, as after a change of the project's secret key
 * without its `secretKeyFallbacks`. The credential then counts for wrong, and the log says which row it is and what to do: the client
 * can do nothing about it.
 *
 * @param row an entity of the project
 * @param box the project's own unless given
 */
export function openStoredSecret(
  site: Site,
  row: { readonly id: number | string },
  sealed: string,
  box: SecretBox = secretBox(site),
): string | null {
  try {
    return box.open(sealed);
  } catch (error) {
    if (!(error instanceof SealedSecretError)) throw error;
    const { tableName } = dataSource(site).getMetadata(row.constructor);
    site.logger.error(
      { table: tableName, row: row.id, key: error.keyId, reason: error.message },
      'A stored secret cannot be opened, so its credential is refused. Put the secret key that sealed it into ' +
        'secretKeyFallbacks, or make the credential anew.',
    );
    return null;
  }
}
