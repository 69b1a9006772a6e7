import { sensitive } from '@rf/orm';
import type { RequestUser } from '@rf/views';
import { BeforeInsert, Column, JoinTable, ManyToMany, PrimaryGeneratedColumn } from 'typeorm';
import { Group } from './group.ts';
import { isPasswordUsable, makePassword, verifyPassword } from './passwords.ts';
import { Permission } from './permission.ts';

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
  @Column({ type: 'boolean' })
  isSuperuser!: boolean;

  /** At most 150 letters, digits and @ . + - _ */
  @Column({ type: 'varchar', length: 150, unique: true })
  username!: string;

  @Column({ type: 'varchar', length: 150 })
  firstName!: string;

  @Column({ type: 'varchar', length: 150 })
  lastName!: string;

  @Column({ type: 'varchar', length: 254 })
  email!: string;

  /** May use what is meant for staff. */
  @Column({ type: 'boolean' })
  isStaff!: boolean;

  /** Who is not, cannot log in. */
  @Column({ type: 'boolean' })
  isActive!: boolean;

  @Column({ type: 'timestamptz' })
  dateJoined!: Date;

  @ManyToMany(() => Group)
  @JoinTable()
  groups!: Group[];

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
