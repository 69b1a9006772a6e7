import { field, sensitive } from '@rf/orm';
import type { RequestUser } from '@rf/views';
import { BeforeInsert, Column, JoinTable, ManyToMany, PrimaryGeneratedColumn } from 'typeorm';
import { Group } from './group.ts';
import { isPasswordUsable, makePassword, verifyPassword } from './passwords.ts';
import { Permission } from './permission.ts';
import { validateUsername } from './username-validator.ts';

/**
 * Everything of {@link User} but its table: extend it for a project's own user model (DJ01, DJ02).
 *
 * ```ts
 * @Entity('members_member')
 * class Member extends AbstractUser {
 *   @Column({ type: 'varchar', length: 40, default: '' })
 *   nickname!: string;
 * }
 * ```
 *
 * Name it as `userModel` of the project before the first migration.
 */
export abstract class AbstractUser implements RequestUser {
  /** The property that people log in with. Its column must be unique. */
  static readonly usernameField: string = 'username';
  /** Properties that `rf createsuperuser` asks for beside the name and the password. */
  static readonly requiredFields: readonly string[] = ['email'];

  @PrimaryGeneratedColumn('identity', { type: 'int', generatedIdentity: 'BY DEFAULT' })
  id!: number;

  /** The hash, never the password. */
  @sensitive
  @Column({ type: 'varchar', length: 128 })
  password!: string;

  @Column({ type: 'timestamptz', nullable: true })
  lastLogin!: Date | null;

  /** Has every permission without being given it. */
  @field({
    label: 'superuser status',
    helpText: 'Designates that this user has all permissions without explicitly assigning them.',
    default: false,
  })
  @Column({ type: 'boolean' })
  isSuperuser!: boolean;

  /** At most 150 letters, digits and @ . + - _ */
  @field({
    helpText: 'Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.',
    uniqueMessage: 'A user with that username already exists.',
    validators: [validateUsername],
  })
  @Column({ type: 'varchar', length: 150, unique: true })
  username!: string;

  @field({ blank: true })
  @Column({ type: 'varchar', length: 150 })
  firstName!: string;

  @field({ blank: true })
  @Column({ type: 'varchar', length: 150 })
  lastName!: string;

  @field({ label: 'email address', kind: 'email', blank: true })
  @Column({ type: 'varchar', length: 254 })
  email!: string;

  /** May use what is meant for staff. */
  @field({
    label: 'staff status',
    helpText: 'Designates whether the user can log into this admin site.',
    default: false,
  })
  @Column({ type: 'boolean' })
  isStaff!: boolean;

  /** Who is not, cannot log in. */
  @field({
    label: 'active',
    helpText: 'Designates whether this user should be treated as active. Unselect this instead of deleting accounts.',
    default: true,
  })
  @Column({ type: 'boolean' })
  isActive!: boolean;

  @field({ default: () => new Date() })
  @Column({ type: 'timestamptz' })
  dateJoined!: Date;

  @field({
    helpText: 'The groups this user belongs to. A user will get all permissions granted to each of their groups.',
    blank: true,
  })
  @ManyToMany(() => Group)
  @JoinTable()
  groups!: Group[];

  @field({ helpText: 'Specific permissions for this user.', blank: true })
  @ManyToMany(() => Permission)
  @JoinTable()
  userPermissions!: Permission[];

  /** True: it is somebody. */
  get isAuthenticated(): true {
    return true;
  }

  getUsername(): string {
    const { usernameField } = this.constructor as typeof AbstractUser;
    return String((this as unknown as Record<string, unknown>)[usernameField] ?? '');
  }

  /** First and last name with a space between. */
  getFullName(): string {
    return `${this.firstName} ${this.lastName}`.trim();
  }

  /**
   * Replaces the password's hash, by the default hasher; null makes it unusable. The user is not saved: `setPassword(request, user,
   * password)` does that, by the project's hasher.
   */
  async setPassword(password: string | null): Promise<void> {
    this.password = await makePassword(password);
  }

  /** True for the user's password. */
  async checkPassword(password: string): Promise<boolean> {
    return (await verifyPassword(password, this.password)).matches;
  }

  hasUsablePassword(): boolean {
    return isPasswordUsable(this.password);
  }

  toString(): string {
    return this.getUsername();
  }

  /** Fills what the columns, which have no defaults in Django's tables, must have. */
  @BeforeInsert()
  protected fillDefaults(): void {
    this.password ??= '';
    const { usernameField } = this.constructor as typeof AbstractUser;
    if (usernameField !== 'username') this.username ??= this.getUsername();
    this.isSuperuser ??= false;
    this.firstName ??= '';
    this.lastName ??= '';
    this.email ??= '';
    this.isStaff ??= false;
    this.isActive ??= true;
    this.dateJoined ??= new Date();
  }
}
