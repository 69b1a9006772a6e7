import pg from 'pg';

/** The URL of PostgreSQL that `DATABASE_URL` names; undefined when tests run on the embedded database. */
export function serverUrl(): string | undefined {
  const url = process.env.DATABASE_URL;
  return url?.startsWith('postgres') ? url : undefined;
}

/** The URL of another database on the same server. */
export function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** Runs `work` with a connection to the server. */
export async function onServer<Result>(server: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
