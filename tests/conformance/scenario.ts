/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What a step sends; the format is described in recordings/README.md. */
export interface StepRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Json;
  readonly form?: readonly (readonly [string, string])[];
  readonly multipart?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly filename?: string;
    readonly contentType?: string;
    readonly content?: string;
    readonly contentBase64?: string;
  }[];
  readonly rawBody?: string;
  readonly rawBodyBase64?: string;
}

/** What it expects. */
export interface StepExpectation {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly absentHeaders?: readonly string[];
  readonly json?: Json;
  readonly text?: string;
  readonly base64?: string;
  readonly empty?: boolean;
}

/** Where a value of an answer is found. */
export type Capture = { readonly json: string } | { readonly header: string } | { readonly cookie: string };

export interface Step {
  readonly delayMs?: number;
  readonly request: StepRequest;
  readonly expect: StepExpectation;
  readonly capture?: Readonly<Record<string, Capture>>;
}

export interface Scenario {
  readonly name: string;
  readonly area: string;
  readonly reset?: boolean;
  readonly steps: readonly Step[];
}

/** An answer as it came. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}
