import type { PublicKeyId, UserId } from '@sallyport/contracts';
import type { UserKey } from './public-key.js';

/** Port: the keys of users. Two users may hold the same key: who logs on is told by name and key together. */
export abstract class PublicKeys {
  /** @throws DomainError `public-key.exists` the user has it already */
  abstract add(key: UserKey): Promise<void>;
  /** Oldest first. */
  abstract of(...users: UserId[]): Promise<UserKey[]>;
  abstract byFingerprint(userId: UserId, fingerprint: string): Promise<UserKey | undefined>;
  /** The key that is gone now; undefined when the user had none of this id. */
  abstract remove(userId: UserId, id: PublicKeyId): Promise<UserKey | undefined>;
}
