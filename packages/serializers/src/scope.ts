import type { Detail } from '@rf/exceptions';
import type { SerializerOptions } from './serializer-options.ts';
import type { SerializerContext, SerializerSettings } from './settings.ts';
import { defaultSettings, settingsOf } from './settings.ts';

/** Reaches the {@link Scope} of a serializer without taking a name away from its fields. */
export const SCOPE: unique symbol = Symbol('scope');

/** Anything that has a scope: every serializer. */
export interface Scoped {
  readonly [SCOPE]: Scope;
}

/** What a validation came to. */
export interface Result {
  readonly validated: unknown;
  readonly errors: { [key: string]: Detail };
}

const noContext: SerializerContext = Object.freeze({});

/**
 * What belongs to one use of a serializer: its place in the tree, context and instance.
 *
 * Fields are shared by all serializers of a class, so they keep nothing: what they need of the moment is handed to them
 * as this object.
 */
export class Scope {
  /** The serializer around this one, or null. */
  parent: Scope | null = null;
  /** The object that is updated or shown, or null. */
  instance: unknown;
  /** What validation left behind; null before it. */
  result: Result | null = null;
  /** What `data` showed; null before it. */
  shown: { readonly value: unknown } | null = null;
  private children: Map<object, Scope> | null = null;
  private knownSettings: SerializerSettings | null = null;

  constructor(
    /** The serializer: where hooks and method fields are. */
    readonly serializer: object,
    /** What the serializer was made with. */
    readonly options: SerializerOptions,
  ) {
    this.instance = options.instance ?? null;
  }

  /** The outermost serializer. */
  get root(): Scope {
    return this.parent === null ? this : this.parent.root;
  }

  /** What the outermost serializer was given: `{ request, view, format }` in a view. */
  get context(): SerializerContext {
    return this.root.options.context ?? noContext;
  }

  /** True for a partial update: missing fields are skipped and defaults are not applied. */
  get partial(): boolean {
    return this.root.options.partial === true;
  }

  get settings(): SerializerSettings {
    const root = this.root;
    if (root.knownSettings === null) {
      root.knownSettings = root.options.context === undefined ? defaultSettings : settingsOf(root.options.context);
    }
    return root.knownSettings;
  }

  /** Puts this scope below another. */
  attach(parent: Scope): void {
    this.parent = parent;
  }

  /** The scope of a nested serializer, made by `make` when it is first asked for and attached to this one. */
  child(key: object, make: () => Scoped): Scope {
    this.children ??= new Map();
    const known = this.children.get(key);
    if (known !== undefined) return known;
    const scope = make()[SCOPE];
    scope.attach(this);
    this.children.set(key, scope);
    return scope;
  }
}
