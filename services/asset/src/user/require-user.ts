import type { UserId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { StoredUser } from './user.js';
import type { Users } from './users.js';

/** @throws DomainError `user.not-found` */
export async function requireUser(users: Users, id: UserId, mode?: 'forUpdate'): Promise<StoredUser> {
  const user = await users.byId(id, mode === 'forUpdate');
  if (!user) throw new DomainError('user.not-found', 'there is no such user');
  return user;
}
