import type { Sealed } from '@sallyport/contracts';
import { wipe } from '@sallyport/secret';
import type { SealingKey } from '@sallyport/sealing';
import type { Passwords } from '../password/passwords.js';
import type { StoredUser } from '../user/user.js';
import type { Users } from '../user/users.js';
import { openSealed } from './open-sealed.js';

export type PasswordFlaw = 'malformed' | 'unknown-user' | 'wrong-password';

/** Takes as long for a user that does not exist as for a wrong password. */
export class CheckPassword {
  constructor(
    private readonly users: Users,
    private readonly passwords: Passwords,
    private readonly key: SealingKey,
  ) {}

  /** @param associatedData what the password was sealed with */
  async run(username: string, sealed: Sealed, associatedData: string): Promise<StoredUser | PasswordFlaw> {
    const user = await this.users.byName(username);
    const password = await openSealed(this.key, sealed, associatedData);
    if (!password) return 'malformed';
    try {
      const matches = await this.passwords.matches(user?.passwordHash, password);
      if (!user) return 'unknown-user';
      return matches ? user : 'wrong-password';
    } finally {
      wipe(password);
    }
  }
}
