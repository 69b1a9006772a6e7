import type { KeyObject } from 'node:crypto';
import { LONGEST_LIFETIME, OwnCredentialsView } from '@rf/auth';
import { NotFound, ValidationError } from '@rf/exceptions';
import { db } from '@rf/orm';
import { CharField, ChoiceField, IntegerField, Serializer } from '@rf/serializers';
import { type Awaitable, include, type Params, path, type Request, Response, type UrlInclude } from '@rf/views';
import { type CreatedSignatureKey, createSignatureKey, type SignatureKeyOptions } from './create-signature-key.ts';
import { httpSignatureOptionsKey } from './http-signature-options.ts';
import { PublicKeyField } from './public-key-field.ts';
import { rotateSignatureKey } from './rotate-signature-key.ts';
import { keyProblem, type SignatureAlgorithm, signatureAlgorithms } from './signature-algorithms.ts';
import { SignatureKey } from './signature-key.ts';

const ONE_DAY = 24 * 60 * 60;

class SignatureKeySerializer extends Serializer {
  name = new CharField({ maxLength: 100 });
}

class NewSignatureKeySerializer extends SignatureKeySerializer {
  algorithm = new ChoiceField({ choices: signatureAlgorithms });
  publicKey = new PublicKeyField({ required: false, helpText: 'PEM or JWK; hmac-sha256 has none.' });
  lifetime = new IntegerField({
    minValue: 1,
    maxValue: LONGEST_LIFETIME,
    required: false,
    helpText: 'Seconds until the key ends.',
  });

  validateAlgorithm(algorithm: SignatureAlgorithm): SignatureAlgorithm {
    const { algorithms } = (this.context.request as Request).site.resource(httpSignatureOptionsKey);
    if (!algorithms.includes(algorithm))
      throw new ValidationError(`"${algorithm}" does not count here.`, 'invalid_choice');
    return algorithm;
  }

  override validate(attrs: { algorithm: SignatureAlgorithm; publicKey?: KeyObject }) {
    checkMaterial(attrs.algorithm, attrs.publicKey);
    return attrs;
  }
}

class RotateSignatureKeySerializer extends Serializer {
  publicKey = new PublicKeyField({ required: false, helpText: 'PEM or JWK; hmac-sha256 has none.' });
  overlap = new IntegerField({
    minValue: 0,
    maxValue: LONGEST_LIFETIME,
    default: ONE_DAY,
    helpText: 'Seconds for which the old key still counts.',
  });

  override validate(attrs: { publicKey?: KeyObject }) {
    checkMaterial((this.context.key as SignatureKey).algorithm, attrs.publicKey);
    return attrs;
  }
}

/** Over the network the private half of a pair never travels, so a public key must come; a secret must be made here, to be random. */
function checkMaterial(algorithm: SignatureAlgorithm, publicKey: KeyObject | undefined): void {
  if (algorithm === 'hmac-sha256') {
    if (publicKey === undefined) return;
    throw new ValidationError({ publicKey: ['hmac-sha256 has a secret, which is made here.'] });
  }
  if (publicKey === undefined) throw new ValidationError({ publicKey: ['This field is required.'] }, 'required');
  const problem = keyProblem(algorithm, publicKey);
  if (problem !== null) throw new ValidationError({ publicKey: [`The key for ${algorithm} ${problem}.`] });
}

/** How a key is shown: everything but a secret. */
function describe(key: SignatureKey) {
  const { id, keyId, algorithm, publicJwk, name, active, notBefore, expires, created, lastUsed } = key;
  return { id, keyId, algorithm, publicKey: publicJwk, name, active, notBefore, expires, created, lastUsed };
}

/** The answer to a request that made a key: with the secret of `hmac-sha256`, which is not shown again. */
function showOnce({ key, secret }: CreatedSignatureKey): Response {
  const shown = secret === undefined ? describe(key) : { ...describe(key), secret };
  return new Response(shown, { status: 201, headers: { 'Cache-Control': 'no-store' } });
}

abstract class OwnSignatureKeys extends OwnCredentialsView {
  protected async find(request: Request, params: Params): Promise<SignatureKey> {
    const id = /^\d{1,9}$/.test(params.id ?? '') ? Number(params.id) : 0;
    const key = await db(request).findOneBy(SignatureKey, { id, user: { id: this.owner.id } });
    if (key === null) throw new NotFound();
    key.user = this.owner;
    return key;
  }
}

/**
 * GET lists the caller's keys. POST `name`, `algorithm`, `publicKey`, `lifetime` registers one; for `hmac-sha256` it makes a secret and
 * shows it, once. DELETE revokes all.
 */
export class SignatureKeyListView extends OwnSignatureKeys {
  override async get(request: Request): Promise<unknown> {
    const own = { user: { id: this.owner.id } };
    return (await db(request).find(SignatureKey, { where: own, order: { id: 'ASC' } })).map(describe);
  }

  override async post(request: Request): Promise<Response> {
    const serializer = new NewSignatureKeySerializer({ data: request.data, context: { request } });
    await serializer.isValid({ raise: true });
    return showOnce(await createSignatureKey(request, this.owner, serializer.validatedData as SignatureKeyOptions));
  }

  override async delete(request: Request): Promise<Response> {
    await db(request).delete(SignatureKey, { user: { id: this.owner.id } });
    return new Response(undefined, { status: 204 });
  }
}

/** GET shows a key, PATCH `name` calls it otherwise, DELETE revokes it. */
export class SignatureKeyView extends OwnSignatureKeys {
  override get(request: Request, params: Params): Awaitable<unknown> {
    return this.find(request, params).then(describe);
  }

  override async patch(request: Request, params: Params): Promise<unknown> {
    const key = await this.find(request, params);
    const serializer = new SignatureKeySerializer({ data: request.data, partial: true });
    await serializer.isValid({ raise: true });
    const { name = key.name } = serializer.validatedData as { name?: string };
    key.name = name;
    await db(request).update(SignatureKey, key.id, { name });
    return describe(key);
  }

  override async delete(request: Request, params: Params): Promise<Response> {
    await db(request).delete(SignatureKey, (await this.find(request, params)).id);
    return new Response(undefined, { status: 204 });
  }
}

/** POST `publicKey` (not for `hmac-sha256`) and `overlap` makes a key of the same algorithm and name; the old one still counts that long. */
export class RotateSignatureKeyView extends OwnSignatureKeys {
  override async post(request: Request, params: Params): Promise<Response> {
    const key = await this.find(request, params);
    const serializer = new RotateSignatureKeySerializer({ data: request.data, context: { request, key } });
    await serializer.isValid({ raise: true });
    const { overlap, ...material } = serializer.validatedData as { overlap: number; publicKey?: KeyObject };
    return showOnce(await rotateSignatureKey(request, key, overlap, material));
  }
}

/** List, register, show, rename, rotate and revoke the caller's keys, below a prefix such as `/signature-keys/`. */
export function signatureKeyUrls(prefix: string): UrlInclude {
  return include(prefix, [
    path('/', SignatureKeyListView, { name: 'signature-key-list' }),
    path('/:id/', SignatureKeyView, { name: 'signature-key-detail' }),
    path('/:id/rotate/', RotateSignatureKeyView, { name: 'signature-key-rotate' }),
  ]);
}
