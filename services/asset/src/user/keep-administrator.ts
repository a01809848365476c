import { DomainError } from '@sallyport/errors';
import { isRestricted } from './logon-rules.js';
import type { StoredUser } from './user.js';
import type { Users } from './users.js';

/** Always and from anywhere: somebody whose time is over tomorrow is no help then. */
export const administers = (user: StoredUser | undefined): boolean =>
  user?.status === 'active' && user.roles.includes('bastion-admin') && !isRestricted(user);

/**
 * Without an active bastion administrator, whom no rule keeps out, nobody could make one again.
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
  throw new DomainError(
    'request.invalid',
    'this is the last active bastion administrator who may log on at any time and from anywhere',
  );
}
