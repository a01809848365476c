import type { PublicKey, PublicKeyId, UserId } from '@sallyport/contracts';
import { PublicKeyAdded, PublicKeyRemoved } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import type { Transaction } from '../transaction/transaction.js';
import { requireUser } from '../user/require-user.js';
import type { Users } from '../user/users.js';
import { describeKey, newUserKey } from './public-key.js';
import type { PublicKeys } from './public-keys.js';

/** An administrator looks at the keys of a user, adds and removes them. */
export class ManagePublicKeys {
  constructor(
    private readonly transaction: Transaction,
    private readonly users: Users,
    private readonly keys: PublicKeys,
    private readonly audit: AuditPublisher,
  ) {}

  /** @throws DomainError `user.not-found` */
  async list(userId: UserId): Promise<PublicKey[]> {
    await requireUser(this.users, userId);
    return (await this.keys.of(userId)).map(describeKey);
  }

  /** @throws DomainError `user.not-found`, `public-key.exists`, `request.invalid`, `audit.unavailable` */
  async add(actorId: UserId, userId: UserId, line: string): Promise<PublicKey> {
    const key = newUserKey(userId, line);
    await this.transaction.run(async () => {
      await requireUser(this.users, userId, 'forUpdate');
      await this.keys.add(key);
      const { id: publicKeyId, fingerprint } = key;
      await this.audit.publish(PublicKeyAdded, { actorId, userId, publicKeyId, fingerprint });
    });
    return describeKey(key);
  }

  /** @throws DomainError `user.not-found`, `public-key.not-found`, `audit.unavailable` */
  async remove(actorId: UserId, userId: UserId, publicKeyId: PublicKeyId): Promise<void> {
    await this.transaction.run(async () => {
      await requireUser(this.users, userId, 'forUpdate');
      const key = await this.keys.remove(userId, publicKeyId);
      if (!key) throw new DomainError('public-key.not-found', 'the user has no such key');
      const { fingerprint } = key;
      await this.audit.publish(PublicKeyRemoved, { actorId, userId, publicKeyId, fingerprint });
    });
  }
}
