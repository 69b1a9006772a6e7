import { type AbstractUser, User } from '@rf/auth';
import { sensitive, substitutable } from '@rf/orm';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';

/** Whether a client can keep a secret (RFC 6749, section 2.1). */
export type ClientType = 'confidential' | 'public';

/** What a client may exchange for tokens. */
export type GrantType =
  | 'authorization_code'
  | 'refresh_token'
  | 'client_credentials'
  | 'password'
  | 'urn:ietf:params:oauth:grant-type:device_code';

/** How a client shows its secret; `client_secret` leaves the choice to it. */
export type ClientAuthMethod = 'client_secret' | 'client_secret_basic' | 'client_secret_post' | 'none';

/** Who registered a client: those who run the provider or one of its users; the client itself (OA20); its own document (OA21). */
export type ClientSource = 'provider' | 'registration' | 'document';

/** What a client that came by itself says of itself (RFC 7591, section 2), as it said it: nobody has checked it. */
export interface ClientDescription {
  readonly client_uri?: string;
  readonly logo_uri?: string;
  readonly tos_uri?: string;
  readonly policy_uri?: string;
  readonly contacts?: readonly string[];
  readonly software_id?: string;
  readonly software_version?: string;
}

/** Every grant that the provider knows. The implicit grant is none of them (RFC 9700, section 2.1.2). */
export const grantTypes: readonly GrantType[] = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'password',
  'urn:ietf:params:oauth:grant-type:device_code',
];

/** An application that asks for tokens (OA05). Make it with `createClient()`, which checks what is written. */
@Entity('oauth2_client')
export class OAuth2Client {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'BY DEFAULT' })
  id!: string;

  /** The public name in the protocol. */
  @Column({ type: 'varchar', length: 255, unique: true })
  clientId!: string;

  /** SHA-256 of the secret; null for a public client. */
  @sensitive
  @Column({ type: 'varchar', length: 64, nullable: true })
  secretHash!: string | null;

  /** Shown to those who are asked to allow it. */
  @Column({ type: 'varchar', length: 255 })
  name!: string;

  @Column({ type: 'varchar', length: 16 })
  clientType!: ClientType;

  @Column({ type: 'text', array: true, default: [] })
  grants!: GrantType[];

  @Column({ type: 'text', array: true, default: [] })
  redirectUris!: string[];

  /** Where users may be sent after they logged out at the provider. */
  @Column({ type: 'text', array: true, default: [] })
  postLogoutRedirectUris!: string[];

  /** With which algorithm its ID tokens are signed; null for the provider's choice. */
  @Column({ type: 'varchar', length: 16, nullable: true })
  idTokenAlgorithm!: string | null;

  /** The most that it may ask for. */
  @Column({ type: 'text', array: true, default: [] })
  scopes!: string[];

  @Column({ type: 'varchar', length: 32, default: 'client_secret' })
  authMethod!: ClientAuthMethod;

  /** Public keys, for client authentication with assertions. */
  @Column({ type: 'jsonb', nullable: true })
  jwks!: object | null;

  @Index()
  @ManyToOne(
    substitutable(() => User),
    { nullable: true, onDelete: 'SET NULL' },
  )
  @JoinColumn()
  owner!: AbstractUser | null;

  /** Users are not asked; only for first-party clients. */
  @Column({ type: 'boolean', default: false })
  skipConsent!: boolean;

  /** Belongs to those who run the provider. */
  @Column({ type: 'boolean', default: false })
  firstParty!: boolean;

  /** May introspect tokens of other clients. */
  @Column({ type: 'boolean', default: false })
  isResourceServer!: boolean;

  /** Where it comes from. */
  @Column({ type: 'varchar', length: 16, default: 'provider' })
  source!: ClientSource;

  /** Null unless it came by itself. */
  @Column({ type: 'jsonb', nullable: true })
  about!: ClientDescription | null;

  /** SHA-256 of the token with which it manages its own registration; null unless it registered itself. */
  @sensitive
  @Column({ type: 'varchar', length: 64, nullable: true })
  registrationTokenHash!: string | null;

  /** When a client that registered itself got its first token; null before that, and for clients of other sources. */
  @Column({ type: 'timestamptz', nullable: true })
  firstUsed!: Date | null;

  /** Until when its document counts; null unless it has one. */
  @Column({ type: 'timestamptz', nullable: true })
  documentExpires!: Date | null;

  /** False refuses the client and its tokens. */
  @Column({ type: 'boolean', default: true })
  active!: boolean;

  @Column({ type: 'timestamptz' })
  created!: Date;

  @Column({ type: 'timestamptz' })
  updated!: Date;

  /** May it use this grant? */
  allows(grant: GrantType): boolean {
    return this.grants.includes(grant);
  }

  get isPublic(): boolean {
    return this.clientType === 'public';
  }

  toString(): string {
    return this.name;
  }
}
