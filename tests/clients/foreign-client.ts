/** A client of somebody else's, tried against our server. Each `*.client.ts` beside this file exports one's parts. */
export interface ForeignClient {
  /** What is tried, for the list. */
  readonly name: string;
  /** Debian packages that must be installed. */
  readonly requires: readonly string[];
  /** Throws when the client cannot do with the server what it should. */
  run(baseUrl: string, context: ClientContext): Promise<void>;
  /** Starts the server that the client is tried against. */
  serve(): Promise<ServedProject>;
}

/** A server that runs for one client. */
export interface ServedProject {
  readonly url: string;
  /** What the client must know: ids, secrets, user names. */
  readonly values: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** What a client is given beside the address. */
export interface ClientContext {
  readonly values: Readonly<Record<string, string>>;
  /** Tells what was done. */
  print(line: string): void;
  /**
   * Runs a program with the values and `BASE_URL` in its environment, prints what it writes and returns it. Throws when it ends with
   * another code than 0.
   */
  execute(command: string, args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<string>;
}

/** Throws unless both are the same JSON; `what` is printed otherwise. */
export function expectSame(context: ClientContext, what: string, found: unknown, expected: unknown): void {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${what}: expected ${right}, found ${left}`);
  context.print(`${what}: ${left}`);
}
