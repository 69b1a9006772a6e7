import { constantTimeEqual, hashOpaqueToken, makeOpaqueToken } from '@rf/auth';
import { db } from '@rf/orm';
import { HttpResponse, isRepeated, type Request } from '@rf/views';
import { formatChallenge } from '../challenge.ts';
import { OAuth2Client } from '../client.ts';
import { checkClient, findClient, giveSecret } from '../clients.ts';
import { OAuth2Error } from '../oauth2-error.ts';
import { tokenPrefixes } from '../token-prefix.ts';
import { type ClientMembers, readClientMetadata } from './client-metadata.ts';
import { limitsOf } from './registration-options.ts';
import { RegistrationView } from './registration-view.ts';

/** A registration whose own client asks. */
interface OwnRegistration {
  readonly client: OAuth2Client;
  readonly registrationToken: string;
}

/** What only the provider says (RFC 7592, section 2.2). */
const OF_THE_PROVIDER = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
];

const NO_HASH = '0'.repeat(64);

/** The client configuration endpoint: a client that registered itself reads, replaces or ends its registration (RFC 7592; OA20). */
export class RegisteredClientView extends RegistrationView {
  override name = 'Registered client';
  protected override readonly browserMethods = 'GET, PUT, DELETE';

  /** The secret is not told again: only its hash is there. */
  override async get(request: Request): Promise<Readonly<Record<string, unknown>>> {
    const { client, registrationToken } = await this.authenticate(request);
    return this.describe(request, client, { clientSecret: null, registrationToken });
  }

  /** Replaces the metadata; the answer has the token that counts from now on. */
  override async put(request: Request): Promise<Readonly<Record<string, unknown>>> {
    const { client, registrationToken: shown } = await this.authenticate(request);
    const members = this.readMembers(request);
    checkOwnMembers(members, client);
    Object.assign(
      client,
      readClientMetadata(members, limitsOf(this.registration, this.provider.scopeNames), client.clientId),
    );
    const mustChangeSecret = client.isPublic || client.secretHash === null;
    const clientSecret = mustChangeSecret ? giveSecret(client) : null;
    const registrationToken = makeOpaqueToken(tokenPrefixes.registrationToken);
    client.updated = this.provider.now();
    checkClient(client, this.provider);
    const { name, clientType, authMethod, grants, redirectUris, postLogoutRedirectUris, scopes, about } = client;
    const { secretHash, updated } = client;
    const { affected } = await db(request).update(
      OAuth2Client,
      // Of two requests with one token, the second finds it changed.
      { id: client.id, registrationTokenHash: hashOpaqueToken(shown), active: true },
      {
        name,
        clientType,
        authMethod,
        grants,
        redirectUris,
        postLogoutRedirectUris,
        scopes,
        updated,
        about: about as object,
        ...(mustChangeSecret && { secretHash }),
        registrationTokenHash: hashOpaqueToken(registrationToken),
      },
    );
    if (affected !== 1) throw this.refusal('invalid_token');
    return this.describe(request, client, { clientSecret, registrationToken });
  }

  /** Ends the client with all of its tokens. */
  override async delete(request: Request): Promise<HttpResponse> {
    const { client, registrationToken } = await this.authenticate(request);
    const registrationTokenHash = hashOpaqueToken(registrationToken);
    const { affected } = await db(request).delete(OAuth2Client, { id: client.id, registrationTokenHash });
    if (affected !== 1) throw this.refusal('invalid_token');
    return new HttpResponse(null, { status: 204 });
  }

  /** Throws OAuth2Error: 401 unless the token is the client's own, 403 for a client that was deactivated. */
  private async authenticate(request: Request): Promise<OwnRegistration> {
    const [, shown] = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (shown === undefined || isRepeated(request, 'authorization')) throw this.refusal();
    const client = await findClient(db(this.site), this.params.clientId as string);
    const kept = client?.source === 'registration' ? client.registrationTokenHash : null;
    // Compared for clients that are not there as well.
    const isOwn = constantTimeEqual(hashOpaqueToken(shown), kept ?? NO_HASH);
    if (client === null || kept === null || !isOwn) throw this.refusal('invalid_token');
    if (!client.active) throw new OAuth2Error('access_denied', 'This client was deactivated.', { status: 403 });
    return { client, registrationToken: shown };
  }

  private refusal(error?: 'invalid_token'): OAuth2Error {
    const challenge = formatChallenge('Bearer', this.realm, error === undefined ? {} : { error });
    return new OAuth2Error('invalid_token', null, { status: 401, challenge });
  }
}

/** What a client repeats must be right (RFC 7592, section 2.2). */
function checkOwnMembers(members: ClientMembers, client: OAuth2Client): void {
  const wrong = (description: string): OAuth2Error => new OAuth2Error('invalid_client_metadata', description);
  if (members.client_id !== client.clientId) throw wrong('client_id must be that of the client.');
  const foreign = OF_THE_PROVIDER.find((name) => members[name] !== undefined);
  if (foreign !== undefined) throw wrong(`${foreign} must be left out.`);
  const { client_secret: secret } = members;
  if (secret === undefined) return;
  const isOwn = typeof secret === 'string' && constantTimeEqual(hashOpaqueToken(secret), client.secretHash ?? NO_HASH);
  if (!isOwn) throw wrong('client_secret must be the present one, or left out.');
}
