import { randomUUID } from 'node:crypto';
import type { RequestOf, User } from '@sallyport/contracts';
import { type CreateUserV1, UserCreated, UserId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import type { NewPassword } from '../password/new-password.js';
import { newUserKey } from '../public-key/public-key.js';
import type { PublicKeys } from '../public-key/public-keys.js';
import type { Transaction } from '../transaction/transaction.js';
import { changeRules } from './logon-rules.js';
import type { StoredUser } from './user.js';
import { describeUser } from './user.js';
import type { Users } from './users.js';

export type UserToCreate = Omit<RequestOf<typeof CreateUserV1>, 'actor'>;

export class CreateUser {
  constructor(
    private readonly transaction: Transaction,
    private readonly users: Users,
    private readonly keys: PublicKeys,
    private readonly newPassword: NewPassword,
    private readonly audit: AuditPublisher,
  ) {}

  /** @throws DomainError `user.exists`, `request.invalid`, `audit.unavailable` */
  async run(actorId: UserId, { username, roles, password, publicKeys = [], ...rules }: UserToCreate): Promise<User> {
    const id = UserId.parse(randomUUID());
    const keys = publicKeys.map((line) => newUserKey(id, line));
    if (new Set(keys.map((key) => key.fingerprint)).size < keys.length)
      throw new DomainError('request.invalid', 'the same public key is given twice');
    const passwordHash = password && (await this.newPassword.hash(password, username));
    const user: StoredUser = {
      ...changeRules({}, rules),
      id,
      username,
      passwordHash,
      roles: [...new Set(roles)],
      status: 'active',
    };
    return this.transaction.run(async () => {
      await this.users.add(user);
      for (const key of keys) await this.keys.add(key);
      const created = describeUser(
        user,
        keys.map((key) => key.line),
      );
      await this.audit.publish(UserCreated, { actorId, user: created });
      return created;
    });
  }
}
