import type { OAuth2Client } from './client.ts';

/** What is wrong with a client, by property; empty when nothing is. */
export type ClientProblems = Partial<Record<Exclude<keyof OAuth2Client, 'allows' | 'toString'>, string>>;
