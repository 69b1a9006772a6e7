import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/** What a thread is asked for: a function of bcryptjs and its arguments. */
type Call = readonly ['hashSync', password: string, rounds: number] | readonly ['compareSync', string, string];

interface Reply {
  readonly result?: string | boolean;
  readonly error?: string;
}

// Written as text, so that it runs wherever this file does, compiled or not.
const SOURCE = `
const { parentPort, workerData } = require('node:worker_threads');
const bcrypt = require(workerData);
parentPort.on('message', ([name, ...args]) => {
  try {
    parentPort.postMessage({ result: bcrypt[name](...args) });
  } catch (error) {
    parentPort.postMessage({ error: String(error) });
  }
});
`;

/**
 * Runs bcrypt, which is JavaScript and takes a quarter of a second, on a thread of its own: the event loop goes on meanwhile.
 *
 * The thread starts with the first call and keeps no process alive.
 */
export class BcryptThread {
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  hash(password: string, rounds: number): Promise<string> {
    return this.#call(['hashSync', password, rounds]) as Promise<string>;
  }

  compare(password: string, encoded: string): Promise<boolean> {
    return this.#call(['compareSync', password, encoded]) as Promise<boolean>;
  }

  /** One call after the other, so a reply belongs to the call that waits. */
  #call(call: Call): Promise<string | boolean> {
    const turn = this.#last.then(() => this.#ask(call));
    this.#last = turn.catch(() => {});
    return turn;
  }

  #ask(call: Call): Promise<string | boolean> {
    const worker = (this.#worker ??= this.#start());
    worker.ref();
    return new Promise<string | boolean>((resolve, reject) => {
      const onMessage = ({ result, error }: Reply): void => {
        settle();
        if (result === undefined) reject(new Error(error));
        else resolve(result);
      };
      const onFailure = (cause: unknown): void => {
        settle();
        this.#worker = undefined;
        reject(new Error('The thread that computes bcrypt ended.', { cause }));
      };
      const settle = (): void => {
        worker.off('message', onMessage).off('error', onFailure).off('exit', onFailure);
        worker.unref();
      };
      worker.on('message', onMessage).on('error', onFailure).on('exit', onFailure);
      worker.postMessage(call);
    });
  }

  #start(): Worker {
    const bcrypt = createRequire(import.meta.url).resolve('bcryptjs');
    return new Worker(SOURCE, { eval: true, workerData: bcrypt, execArgv: [] });
  }
}
