import type { AbstractUser } from '@rf/auth';
import type { EntityManager } from 'typeorm';
import { Token } from './token.ts';

/** Makes the user's token (TK03). A second one for the same user violates the unique constraint. */
export function createToken(manager: EntityManager, user: AbstractUser): Promise<Token> {
  return manager.save(manager.create(Token, { user: { id: user.id } }));
}

/** The user's token, made when there is none. Two at once get the same one (TK06). */
export async function getOrCreateToken(manager: EntityManager, user: AbstractUser): Promise<Token> {
  const find = () => manager.findOneBy(Token, { user: { id: user.id } });
  const present = await find();
  if (present !== null) return present;
  await manager
    .createQueryBuilder()
    .insert()
    .into(Token)
    .values({ key: Token.generateKey(), created: new Date(), user: { id: user.id } })
    .orIgnore()
    .execute();
  const stored = await find();
  if (stored === null) throw new Error('a token vanished while it was made');
  return stored;
}
