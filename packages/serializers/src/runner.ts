import { ErrorDetail } from '@rf/exceptions';
import { andThen, isPromiseLike } from './awaitable.ts';
import { resolveDefault } from './default.ts';
import { type Check, collect, Field, type Parser, pass, type Presenter } from './field.ts';
import { caught, empty, Failure, skip } from './outcome.ts';
import type { Scope } from './scope.ts';
import type { SerializerSettings } from './settings.ts';
import { runValidator, type Validator } from './validator.ts';

/**
 * Validates one value: the validated value, `skip`, a Failure, or a promise of one of them. Never throws for what is
 * wrong with the value.
 */
export type Runner = (data: unknown, scope: Scope) => unknown;

/** Calls a hook and turns what it throws into an outcome. */
export function guarded(call: () => unknown): unknown {
  try {
    const result = call();
    return isPromiseLike(result) ? result.then(undefined, caught) : result;
  } catch (error) {
    return caught(error);
  }
}

/** How many steps up the prototype chain `member` is found. */
function distance(field: Field, member: string): number {
  let steps = 0;
  for (let at: object | null = field; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    if (Object.hasOwn(at, member)) return steps;
    steps += 1;
  }
  return steps;
}

/** True when `shortcut` was written knowing the `method` that is in force, so that an override is never bypassed. */
function isCurrent(field: Field, shortcut: string, method: string): boolean {
  return distance(field, shortcut) <= distance(field, method);
}

/** The conversion of values that come in. Returns failures where the field lets it, throws where a method of yours does. */
export function parserOf(field: Field, settings: SerializerSettings): Parser {
  if (field.toInternalValue !== Field.prototype.toInternalValue) {
    return (data, scope) => guarded(() => field.toInternalValue(data, scope));
  }
  if (!isCurrent(field, 'parser', 'parse')) return (data, scope) => field.parse(data, scope);
  return field.parser(settings);
}

/** The conversion of values that go out; for values that are not null. */
export function presenterOf(field: Field, settings: SerializerSettings): Presenter {
  if (!isCurrent(field, 'presenter', 'toRepresentation')) {
    return (value, scope) => field.toRepresentation(value, scope);
  }
  return field.presenter(settings);
}

/** One function for everything between input and validated value. */
export function runnerOf(field: Field, settings: SerializerSettings): Runner {
  const base = Field.prototype as unknown as Record<string, unknown>;
  const own = field as unknown as Record<string, unknown>;
  const isPlain = ['runValidation', 'validateEmptyValues', 'runValidators', 'getDefault'].every(
    (method) => own[method] === base[method],
  );
  if (!isPlain || field.readOnly) return (data, scope) => guarded(() => field.runValidation(data, scope));

  const parse = parserOf(field, settings);
  const check = checkerOf(field);
  const intercepts = field.intercept !== Field.prototype.intercept;
  const { required, allowNull, hasDefault } = field;
  const isWhole = field.source === '*';
  const givenDefault = field.options.default;
  const isPlainDefault =
    typeof givenDefault !== 'function' && (typeof givenDefault !== 'object' || givenDefault === null);

  const absent = (scope: Scope): unknown => {
    if (scope.partial) return skip;
    if (required) return field.failure('required');
    if (!hasDefault) return skip;
    return isPlainDefault ? givenDefault : guarded(() => resolveDefault(givenDefault, scope, field));
  };

  return (data, scope) => {
    if (intercepts) {
      const early = field.intercept(data);
      if (early !== pass) return early;
    }
    if (data === empty) return absent(scope);
    if (data === null) {
      if (!allowNull) return field.failure('null');
      if (!isWhole) return null;
    }
    const value = parse(data, scope);
    if (typeof value === 'object' && value !== null) {
      if (value instanceof Failure) return value;
      if (isPromiseLike(value)) {
        return value.then((settled) =>
          settled instanceof Failure || settled === skip ? settled : check(settled, scope),
        );
      }
    }
    return value === skip ? skip : check(value, scope);
  };
}

/** Runs validators, then checks: the value itself when nothing is refused. */
function checkerOf(field: Field): (value: unknown, scope: Scope) => unknown {
  const { validators } = field;
  const checks = field.checks() as readonly Check<unknown>[];
  const [first, second] = checks;
  const checkAll = (value: unknown, errors: ErrorDetail[] | null): unknown => {
    let found = errors;
    for (const check of checks) {
      const error = check(value);
      if (error === null) continue;
      found ??= [];
      found.push(error);
    }
    return found === null || found.length === 0 ? value : new Failure(found);
  };
  if (validators.length > 0) {
    return (value, scope) =>
      andThen(runValidators(validators, value, scope, field), (outcome) =>
        outcome instanceof Failure ? outcome : checkAll(value, outcome as ErrorDetail[] | null),
      );
  }
  if (first === undefined) return (value) => value;
  if (second === undefined) {
    return (value) => {
      const error = first(value);
      return error === null ? value : new Failure([error]);
    };
  }
  return (value) => checkAll(value, null);
}

/** The texts that validators give, null for none, or a Failure when one of them gives an object. */
function runValidators(
  validators: readonly Validator<never>[],
  value: unknown,
  scope: Scope,
  field: Field | null,
  start = 0,
  found: ErrorDetail[] | null = null,
): unknown {
  let errors = found;
  const refuse = (error: unknown): Failure | null => {
    errors ??= [];
    try {
      collect(error, errors);
      return null;
    } catch (uncollected) {
      const outcome = caught(uncollected);
      if (outcome === skip) throw uncollected;
      return outcome;
    }
  };
  for (let at = start; at < validators.length; at += 1) {
    try {
      const running = runValidator(validators[at] as Validator<never>, value, scope, field);
      if (isPromiseLike(running)) {
        const next = (): unknown => runValidators(validators, value, scope, field, at + 1, errors);
        return running.then(next, (error: unknown) => refuse(error) ?? next());
      }
    } catch (error) {
      const outcome = refuse(error);
      if (outcome !== null) return outcome;
    }
  }
  return errors;
}

/** Runs a serializer's validators: null, or what they refuse. */
export function runObjectValidators(validators: readonly Validator<never>[], value: unknown, scope: Scope): unknown {
  if (validators.length === 0) return null;
  return andThen(runValidators(validators, value, scope, null), (outcome) => {
    if (outcome === null || outcome instanceof Failure) return outcome;
    return new Failure(outcome as ErrorDetail[]);
  });
}
