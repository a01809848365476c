import { randomUUID } from 'node:crypto';
import { type Username, UserCreated, UserId } from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import type { Secret } from '@sallyport/secret';
import type { z } from 'zod';
import type { Passwords } from '../password/passwords.js';
import type { Transaction } from '../transaction/transaction.js';
import type { StoredUser } from './user.js';
import { describeUser } from './user.js';
import type { Users } from './users.js';

export class FirstAdministrator {
  constructor(
    readonly username: z.infer<typeof Username>,
    readonly password: Secret<string>,
  ) {}
}

/** Makes the first administrator of a system that has no user at all; later starts, and other replicas, change nothing. */
export class BootstrapAdministrator {
  constructor(
    private readonly transaction: Transaction,
    private readonly users: Users,
    private readonly passwords: Passwords,
    private readonly audit: AuditPublisher,
  ) {}

  /** @returns whether the user was made now @throws DomainError `audit.unavailable` */
  async run({ username, password }: FirstAdministrator): Promise<boolean> {
    return this.transaction.run(async () => {
      if (!(await this.users.none())) return false;
      const user: StoredUser = {
        id: UserId.parse(randomUUID()),
        username,
        passwordHash: await this.passwords.hash(Buffer.from(password.expose())),
        roles: ['secret-admin', 'bastion-admin'],
        status: 'active',
      };
      await this.users.add(user);
      await this.audit.publish(UserCreated, { user: describeUser(user, []) });
      return true;
    });
  }
}
