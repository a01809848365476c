import type { UserId } from '@sallyport/contracts';
import type { StoredUser } from './user.js';

/** Port: the people who may sign in or log on. */
export abstract class Users {
  /** @throws DomainError `user.exists` somebody has the name, letters' case aside */
  abstract add(user: StoredUser): Promise<void>;
  /** @param forUpdate others who want to change the same user wait until the transaction has ended */
  abstract byId(id: UserId, forUpdate?: boolean): Promise<StoredUser | undefined>;
  /** The user whose name is exactly this. */
  abstract byName(username: string): Promise<StoredUser | undefined>;
  /** Stores roles, status, password and rules; a name is for ever. */
  abstract save(user: StoredUser): Promise<void>;
  /** With keys, tokens and authorizations. */
  abstract remove(id: UserId): Promise<void>;
  /** At most `limit` users with a greater name than `username`, in the order of the names' bytes. */
  abstract after(username: string | undefined, limit: number): Promise<StoredUser[]>;
  /** Whether another active user than this one is a bastion administrator without rules; others who ask wait until the transaction has ended. */
  abstract otherAdministrator(than: UserId): Promise<boolean>;
  /** Whether there is nobody at all; until the transaction has ended, nobody else gets an answer. */
  abstract none(): Promise<boolean>;
}
