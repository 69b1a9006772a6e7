import 'reflect-metadata';
import { ImproperlyConfigured } from '@rf/exceptions';
import type { AuthenticationClass } from './authentication.ts';
import type { MetadataClass } from './metadata.ts';
import type { ContentNegotiationClass } from './negotiation.ts';
import type { ParserClass } from './parsers.ts';
import type { PermissionClass } from './permissions.ts';
import type { RendererClass } from './renderers.ts';
import type { ThrottleClass } from './throttling.ts';
import type { VersioningClass } from './versioning.ts';

/** The policies that a view, a method or a function may declare. */
export interface Policies {
  authenticationClasses?: readonly AuthenticationClass[];
  permissionClasses?: readonly PermissionClass[];
  throttleClasses?: readonly ThrottleClass[];
  throttleScope?: string | null;
  parserClasses?: readonly ParserClass[];
  rendererClasses?: readonly RendererClass[];
  versioningClass?: VersioningClass | null;
  metadataClass?: MetadataClass | null;
  contentNegotiationClass?: ContentNegotiationClass;
}

const METADATA_KEY = 'rf:policies';

/**
 * One policy value: a decorator of a view class, a decorator of a method, and an argument of `apiView` at once.
 *
 * As a decorator it works under TypeScript's `experimentalDecorators` and under standard decorators.
 */
export interface Policy {
  (target: object, context: ClassDecoratorContext | ClassMethodDecoratorContext): void;
  (target: object): void;
  (target: object, key: string | symbol, descriptor: PropertyDescriptor): void;
  /** What it declares. */
  readonly declares: Policies;
}

/** Makes a policy value; the stock ones below are made with it. */
export function policy(declares: Policies): Policy {
  const decorate = (target: object, second?: unknown, descriptor?: PropertyDescriptor): void => {
    const isLegacyMethod = typeof second === 'string' || typeof second === 'symbol';
    const subject: unknown = isLegacyMethod ? descriptor?.value : target;
    const [name] = Object.keys(declares);
    if (typeof subject !== 'function') {
      throw new TypeError(`@${name} decorates a view class or a method; it was given ${describe(target, second)}.`);
    }
    if (subject.prototype === undefined && 'view' in subject) {
      throw new TypeError(
        `@${name} stands above @apiView on ${subject.name}, where it has no effect; write it below, or as an argument: ` +
          `apiView([…], ${name}(…)).`,
      );
    }
    addPolicies(subject, declares);
  };
  return Object.assign(decorate, { declares }) as Policy;
}

function describe(target: object, second: unknown): string {
  const place = typeof target === 'function' ? target.name : target.constructor.name;
  return typeof second === 'string' ? `${place}.${second}, which is neither` : `a ${typeof target}`;
}

/** Adds policies to a class or function; later ones replace earlier ones of the same name. */
export function addPolicies(subject: object, declares: Policies): void {
  const own = (Reflect.getOwnMetadata(METADATA_KEY, subject) as Policies | undefined) ?? {};
  Reflect.defineMetadata(METADATA_KEY, { ...own, ...declares }, subject);
}

/** Policies of a class or function itself, without what it inherits. */
export function ownPolicies(subject: object): Policies {
  return (Reflect.getOwnMetadata(METADATA_KEY, subject) as Policies | undefined) ?? {};
}

/** Policies of a class with those it inherits; the nearest class counts, policy by policy. */
export function inheritedPolicies(subject: object): Policies {
  const parent = Object.getPrototypeOf(subject) as object | null;
  const above = parent === null || parent === Function.prototype ? {} : inheritedPolicies(parent);
  return { ...above, ...ownPolicies(subject) };
}

/** How the request is authenticated; the first class decides between 401 and 403 (AU02, AU04). None: nobody is known. */
export const authenticationClasses = (...classes: AuthenticationClass[]): Policy =>
  policy({ authenticationClasses: checked('authenticationClasses', classes) });

/** Who may pass; all must agree, none lets everybody pass (PM01). */
export const permissionClasses = (...classes: PermissionClass[]): Policy =>
  policy({ permissionClasses: checked('permissionClasses', classes) });

/** How often a client may come (TH01). */
export const throttleClasses = (...classes: ThrottleClass[]): Policy =>
  policy({ throttleClasses: checked('throttleClasses', classes) });

/** The scope that ScopedRateThrottle counts under (TH05). */
export const throttleScope = (scope: string | null): Policy => policy({ throttleScope: scope });

/** Which bodies are read (PA01). */
export const parserClasses = (...classes: ParserClass[]): Policy =>
  policy({ parserClasses: checked('parserClasses', classes) });

/** Which representations are made; the first is the default (CN01). */
export const rendererClasses = (...classes: RendererClass[]): Policy => {
  if (classes.length === 0) throw new ImproperlyConfigured('rendererClasses() needs at least one renderer class.');
  return policy({ rendererClasses: checked('rendererClasses', classes) });
};

/** How the version is determined; null for none (VE02). */
export const versioningClass = (type: VersioningClass | null): Policy => policy({ versioningClass: type });

/** What answers OPTIONS; null refuses it with 405 (MD03). */
export const metadataClass = (type: MetadataClass | null): Policy => policy({ metadataClass: type });

/** What chooses parser and renderer (CN06). */
export const contentNegotiationClass = (type: ContentNegotiationClass): Policy =>
  policy({ contentNegotiationClass: type });

/** Policies that nothing reads from a view's members; `throttleScope` may be one. */
const DECORATORS_ONLY = [
  'authenticationClasses',
  'permissionClasses',
  'throttleClasses',
  'parserClasses',
  'rendererClasses',
  'versioningClass',
  'metadataClass',
  'contentNegotiationClass',
] as const satisfies readonly (keyof Policies)[];

/**
 * Refuses a view that declares a policy as a member, as in Django REST framework: it would have no effect, and a view that seems
 * guarded would be open. What is neither a class nor a list, as a viewset's permissions by action, is left to who reads it.
 *
 * @throws ImproperlyConfigured
 */
export function refusePolicyMembers(view: object): void {
  const members = view as Readonly<Record<string, unknown>>;
  const statics = view.constructor as unknown as Readonly<Record<string, unknown>>;
  for (const name of DECORATORS_ONLY) {
    const [place, value] = statics[name] === undefined ? ['member', members[name]] : ['static member', statics[name]];
    if (!Array.isArray(value) && typeof value !== 'function') continue;
    const classes = [value].flat().map((given: unknown) => (typeof given === 'function' ? given.name : String(given)));
    throw new ImproperlyConfigured(
      `${statics.name} has a ${place} ${name}, which has no effect. ` +
        `Write @${name}(${classes.join(', ')}) above the class.`,
    );
  }
}

function checked<Class>(name: string, classes: readonly Class[]): readonly Class[] {
  classes.forEach((given, at) => {
    if (typeof given === 'function') return;
    const found = given === undefined ? 'undefined (a circular import?)' : JSON.stringify(given);
    throw new ImproperlyConfigured(`${name}(): argument ${at + 1} is ${found}, not a class. Write ${name}(SomeClass).`);
  });
  return classes;
}
