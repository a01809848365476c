import type { RequestOf, UpdateUserV1, User, UserId } from '@sallyport/contracts';
import { UserUpdated } from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import type { NewPassword } from '../password/new-password.js';
import type { PublicKeys } from '../public-key/public-keys.js';
import type { BearerTokens } from '../sign-in/bearer-tokens.js';
import type { Transaction } from '../transaction/transaction.js';
import { keepAdministrator } from './keep-administrator.js';
import { requireUser } from './require-user.js';
import { changeRules } from './logon-rules.js';
import type { StoredUser } from './user.js';
import { describeUser } from './user.js';
import type { Users } from './users.js';

export type UserChange = Omit<RequestOf<typeof UpdateUserV1>, 'actor' | 'userId'>;

/** Changes what is given. Another password, or a lock, ends what the user is signed in to. */
export class UpdateUser {
  constructor(
    private readonly transaction: Transaction,
    private readonly users: Users,
    private readonly keys: PublicKeys,
    private readonly tokens: BearerTokens,
    private readonly newPassword: NewPassword,
    private readonly audit: AuditPublisher,
  ) {}

  /** @throws DomainError `user.not-found`, `request.invalid`, `audit.unavailable` */
  async run(actorId: UserId, id: UserId, { roles, password, status, ...rules }: UserChange): Promise<User> {
    const passwordHash = password && (await this.newPassword.hash(password, id));
    return this.transaction.run(async () => {
      const user = await requireUser(this.users, id, 'forUpdate');
      const changed: StoredUser = {
        ...user,
        ...changeRules(user, rules),
        roles: roles ? [...new Set(roles)] : user.roles,
        passwordHash: passwordHash ?? user.passwordHash,
        status: status ?? user.status,
      };
      await keepAdministrator(this.users, user, changed);
      await this.users.save(changed);
      if (passwordHash !== undefined || changed.status === 'locked') await this.tokens.removeOf(id);
      const keys = (await this.keys.of(id)).map((key) => key.line);
      const [before, after] = [describeUser(user, keys), describeUser(changed, keys)];
      await this.audit.publish(UserUpdated, { actorId, before, after, passwordChanged: passwordHash !== undefined });
      return after;
    });
  }
}
