import type { PublicKeyId, UserId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { UserKey } from './public-key.js';
import { PublicKeys } from './public-keys.js';

export class FakePublicKeys extends PublicKeys {
  #keys: UserKey[] = [];

  async add(key: UserKey): Promise<void> {
    if (await this.byFingerprint(key.userId, key.fingerprint))
      throw new DomainError('public-key.exists', 'the user has this key already');
    this.#keys.push(key);
  }

  of(...users: UserId[]): Promise<UserKey[]> {
    return Promise.resolve(this.#keys.filter((key) => users.includes(key.userId)));
  }

  async byFingerprint(userId: UserId, fingerprint: string): Promise<UserKey | undefined> {
    return (await this.of(userId)).find((key) => key.fingerprint === fingerprint);
  }

  async remove(userId: UserId, id: PublicKeyId): Promise<UserKey | undefined> {
    const gone = (await this.of(userId)).find((key) => key.id === id);
    this.#keys = this.#keys.filter((key) => key !== gone);
    return gone;
  }
}
