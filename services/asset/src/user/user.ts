import type { Role, User, UserId } from '@sallyport/contracts';
import type { LogonRules } from './logon-rules.js';

/** A person who may sign in or log on; `passwordHash` is undefined for who has keys only. */
export interface StoredUser extends LogonRules {
  id: UserId;
  username: string;
  passwordHash: string | undefined;
  roles: Role[];
  status: User['status'];
}

/** What others may know of a user. `publicKeys`: OpenSSH one-line form. */
export function describeUser(user: StoredUser, publicKeys: string[]): User {
  const { id, username, roles, status, validFrom, validUntil, allowedAddresses, logonHours } = user;
  return { id, username, roles, publicKeys, status, validFrom, validUntil, allowedAddresses, logonHours };
}
