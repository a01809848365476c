import { DomainError } from '@sallyport/errors';
import type { StoredUser } from './user.js';
import type { Users } from './users.js';

const administers = (user: StoredUser | undefined): boolean =>
  user?.status === 'active' && user.roles.includes('bastion-admin');

/**
 * Without an active bastion administrator nobody could make one again.
 * @param after the user as it would be; undefined when it would be removed
 * @throws DomainError `request.invalid` it is the last one
 */
export async function keepAdministrator(
  users: Users,
  before: StoredUser,
  after: StoredUser | undefined,
): Promise<void> {
  if (!administers(before) || administers(after)) return;
  if (await users.otherAdministrator(before.id)) return;
  throw new DomainError('request.invalid', 'this is the last active bastion administrator');
}
