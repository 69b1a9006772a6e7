import { type AbstractUser, makeOpaqueToken, randomLetters } from '@rf/auth';
import { ImproperlyConfigured } from '@rf/exceptions';
import { db, findEntity, type SiteOwner } from '@rf/orm';
import type { EntityManager } from 'typeorm';
import { callbackProblem } from './callback.ts';
import { type ConsumerStatus, consumerStatuses, OAuth1Consumer } from './consumer.ts';
import { type OAuth1Provider, oauth1Provider } from './provider.ts';
import { rsaKeyProblem } from './rsa-key.ts';
import { scopeNames } from './scope.ts';
import { isRsaMethod, isSignatureMethod, type SignatureMethod, signatureMethods } from './signature-method.ts';
import { tokenPrefixes } from './token-prefix.ts';

/** What {@link createConsumer} is told. */
export interface NewConsumer {
  readonly name: string;
  readonly description?: string;
  /** Where users may be sent back to. Default none: users type the verifier (`oob`). */
  readonly callbacks?: readonly string[];
  /** PEM of the client's public key, at least 2048 bits; it gets no secret then, unless a method needs one. */
  readonly rsaPublicKey?: string | null;
  /** Default the project's methods that fit: RSA with a key, HMAC without. */
  readonly allowedMethods?: readonly SignatureMethod[];
  readonly owner?: AbstractUser | null;
  /** Default `accepted`. */
  readonly status?: ConsumerStatus;
  /** The most that it may ask for. Default every scope of the project. */
  readonly scopes?: readonly string[];
  /** It gets read-only tokens. Default false. */
  readonly readonly?: boolean;
  /** For one that a client has already; made anew when left out. */
  readonly key?: string;
  readonly secret?: string;
}

/** A consumer with its secret: show it once. */
export interface ConsumerWithSecret {
  readonly consumer: OAuth1Consumer;
  /** Null for one that signs with its private key only. */
  readonly secret: string | null;
}

/**
 * Registers a consumer and returns it with its secret, if it has one.
 *
 * Throws ImproperlyConfigured for a consumer that may not be, for instance one with a weak key.
 */
export async function createConsumer(owner: SiteOwner, wanted: NewConsumer): Promise<ConsumerWithSecret> {
  const provider = oauth1Provider(owner);
  const consumer = new OAuth1Consumer();
  consumer.key = wanted.key ?? randomLetters(32);
  consumer.name = wanted.name;
  consumer.description = wanted.description ?? '';
  consumer.rsaPublicKey = wanted.rsaPublicKey ?? null;
  consumer.allowedMethods = [...(wanted.allowedMethods ?? defaultMethods(provider, consumer.rsaPublicKey !== null))];
  consumer.callbacks = [...(wanted.callbacks ?? [])];
  consumer.owner = wanted.owner ?? null;
  consumer.status = wanted.status ?? 'accepted';
  consumer.scope = [...(wanted.scopes ?? Object.keys(provider.options.scopes))].join(' ');
  consumer.readonly = wanted.readonly ?? false;
  consumer.created = provider.now();
  const needsSecret = consumer.allowedMethods.some((method) => !isRsaMethod(method));
  const secret = needsSecret ? (wanted.secret ?? makeOpaqueToken(tokenPrefixes.secret)) : null;
  consumer.secretSealed = secret === null ? null : provider.secrets.seal(secret);
  checkConsumer(consumer, provider);
  await db(owner).save(consumer);
  return { consumer, secret };
}

/** PLAINTEXT sends the secret itself with each request, so nobody gets it unasked. */
function defaultMethods(provider: OAuth1Provider, hasKey: boolean): readonly SignatureMethod[] {
  return provider.options.signatureMethods.filter((method) => method !== 'PLAINTEXT' && isRsaMethod(method) === hasKey);
}

/** The consumer with this key; null when there is none. */
export function findConsumer(manager: EntityManager, key: string): Promise<OAuth1Consumer | null> {
  return findEntity(manager, OAuth1Consumer, { key }, ['owner']);
}

function checkConsumer(consumer: OAuth1Consumer, provider: OAuth1Provider): void {
  const problem = consumerProblem(consumer, provider);
  if (problem !== null) throw new ImproperlyConfigured(`OAuth1 consumer ${JSON.stringify(consumer.name)}: ${problem}`);
}

function consumerProblem(consumer: OAuth1Consumer, { options }: OAuth1Provider): string | null {
  const { name, key, rsaPublicKey, allowedMethods } = consumer;
  if (name.trim() === '' || name.length > 255) return 'give a name of at most 255 characters.';
  if (/\p{Cc}/u.test(name)) return 'a name has no control characters.';
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) return 'a key is 1 to 255 printable ASCII characters without spaces.';
  if (!Object.hasOwn(consumerStatuses, consumer.status)) {
    return `${consumer.status} is none of ${Object.keys(consumerStatuses).join(', ')}.`;
  }
  for (const callback of consumer.callbacks) {
    const problem = callbackProblem(callback);
    if (problem !== null) return `the callback ${callback} ${problem}.`;
  }
  if (rsaPublicKey !== null) {
    const problem = rsaKeyProblem(rsaPublicKey);
    if (problem !== null) return `its RSA key ${problem}.`;
  }
  if (allowedMethods.length === 0) return 'no signature method of this project fits; name one in signatureMethods.';
  for (const method of allowedMethods) {
    if (!isSignatureMethod(method)) return `${method} is none of ${signatureMethods.join(', ')}.`;
    if (!options.signatureMethods.includes(method)) {
      return `${method} is off: name it in signatureMethods of oauth1() first.`;
    }
    if (isRsaMethod(method) && rsaPublicKey === null) return `${method} needs an RSA key.`;
  }
  const scopes = scopeNames(consumer.scope);
  if (scopes.length === 0) return 'choose at least one scope.';
  const unknown = scopes.find((scope) => !Object.hasOwn(options.scopes, scope));
  return unknown === undefined ? null : `${unknown} is no scope of this project.`;
}
