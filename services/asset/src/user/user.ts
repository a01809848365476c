import type { Role, User, UserId } from '@sallyport/contracts';

/** A person who may sign in or log on; `passwordHash` is undefined for who has keys only. */
export interface StoredUser {
  id: UserId;
  username: string;
  passwordHash: string | undefined;
  roles: Role[];
  status: User['status'];
}

/** What others may know of a user. `publicKeys`: OpenSSH one-line form. */
export function describeUser(user: StoredUser, publicKeys: string[]): User {
  const { id, username, roles, status } = user;
  return { id, username, roles, publicKeys, status };
}
