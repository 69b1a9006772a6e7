import type { SerializerContext, SerializerSettings } from './settings.ts';
import { defaultSettings, settingsOf } from './settings.ts';

/** Reaches the {@link Scope} of a serializer without taking a name away from its fields. */
export const SCOPE: unique symbol = Symbol('scope');

/** Anything that has a scope: every serializer. */
export interface Scoped {
  readonly [SCOPE]: Scope;
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
  #children: Map<object, Scope> | null = null;
  #settings: SerializerSettings | null = null;

  constructor(
    /** The serializer: where hooks and method fields are. */
    readonly serializer: object,
    private readonly given: {
      readonly context?: SerializerContext | undefined;
      readonly partial?: boolean | undefined;
    },
    instance: unknown,
  ) {
    this.instance = instance ?? null;
  }

  /** The outermost serializer. */
  get root(): Scope {
    let at: Scope = this;
    while (at.parent !== null) at = at.parent;
    return at;
  }

  /** What the outermost serializer was given: `{ request, view, format }` in a view. */
  get context(): SerializerContext {
    return this.root.given.context ?? noContext;
  }

  /** True for a partial update: missing fields are skipped and defaults are not applied. */
  get partial(): boolean {
    return this.root.given.partial === true;
  }

  get settings(): SerializerSettings {
    const root = this.root;
    if (root.#settings === null) {
      root.#settings = root.given.context === undefined ? defaultSettings : settingsOf(root.given.context);
    }
    return root.#settings;
  }

  /** Puts this scope below another. */
  attach(parent: Scope): void {
    this.parent = parent;
  }

  /** The scope of a nested serializer, made by `make` when it is first asked for and attached to this one. */
  child(key: object, make: () => Scoped): Scope {
    this.#children ??= new Map();
    const known = this.#children.get(key);
    if (known !== undefined) return known;
    const scope = make()[SCOPE];
    scope.attach(this);
    this.#children.set(key, scope);
    return scope;
  }
}
