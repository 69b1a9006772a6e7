import { Entity } from 'typeorm';
import { AbstractUser } from './abstract-user.ts';

/** A user, on Django's `auth_user` (DJ01). */
@Entity('auth_user')
export class User extends AbstractUser {}
