import type { UserId } from '@sallyport/contracts';
import { UserDeleted } from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import type { PublicKeys } from '../public-key/public-keys.js';
import type { Transaction } from '../transaction/transaction.js';
import { keepAdministrator } from './keep-administrator.js';
import { requireUser } from './require-user.js';
import { describeUser } from './user.js';
import type { Users } from './users.js';

/** Removes a user with keys, tokens and authorizations. */
export class DeleteUser {
  constructor(
    private readonly transaction: Transaction,
    private readonly users: Users,
    private readonly keys: PublicKeys,
    private readonly audit: AuditPublisher,
  ) {}

  /** @throws DomainError `user.not-found`, `request.invalid` (the last administrator), `audit.unavailable` */
  async run(actorId: UserId, id: UserId): Promise<void> {
    await this.transaction.run(async () => {
      const user = await requireUser(this.users, id, 'forUpdate');
      const keys = (await this.keys.of(id)).map((key) => key.line);
      await keepAdministrator(this.users, user, undefined);
      await this.users.remove(id);
      await this.audit.publish(UserDeleted, { actorId, user: describeUser(user, keys) });
    });
  }
}
