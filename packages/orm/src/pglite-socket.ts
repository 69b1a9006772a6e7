import { Duplex } from 'node:stream';
import type { PGlite } from '@electric-sql/pglite';

/** First byte of the Terminate message of PostgreSQL's protocol (PostgreSQL manual, section 54.7). */
const TERMINATE = 0x58;

/**
 * A socket to a database inside this process: what `pg` writes goes to PGlite, what PGlite answers comes back.
 *
 * So `pg` itself speaks to the embedded database, and both databases give the same values, errors and prepared statements.
 */
export class PgliteSocket extends Duplex {
  readonly #database: PGlite;

  constructor(database: PGlite) {
    super();
    this.#database = database;
  }

  /** Begins a session. PGlite knows only one, so what the last one left behind is cleared. */
  connect(): this {
    this.#begin().then(
      () => this.emit('connect'),
      (error: Error) => this.destroy(error),
    );
    return this;
  }

  // What pg asks of a network socket and this one need not do.
  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  async #begin(): Promise<void> {
    await this.#database.waitReady;
    // A new process of a server would begin outside a transaction and without statements of the former client.
    await this.#database.exec('ROLLBACK');
    await this.#database.exec('DISCARD ALL');
  }

  override _read(): void {
    // Answers are pushed as they come; a client without back-pressure of its own reads them at once.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#exchange(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    // One message batch in one call: each call into the database has a price.
    this.#exchange(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  #exchange(message: Buffer, done: (error?: Error | null) => void): void {
    if (message[0] === TERMINATE) return done();
    this.#database.execProtocolRaw(message).then(
      (answer) => {
        if (answer.length > 0 && !this.destroyed) this.push(Buffer.from(answer));
        done();
      },
      (error: Error) => done(error),
    );
  }

  override _final(done: () => void): void {
    this.push(null);
    done();
    this.destroy();
  }
}
