import type { User } from '@sallyport/contracts';
import type { Page, PageOptions } from '../paging/page.js';
import { page } from '../paging/page.js';
import type { PublicKeys } from '../public-key/public-keys.js';
import { describeUser } from './user.js';
import type { Users } from './users.js';

/** In the order of their names. */
export class ListUsers {
  constructor(
    private readonly users: Users,
    private readonly keys: PublicKeys,
  ) {}

  /** @throws DomainError `request.invalid` the cursor is not one of ours */
  async run(options: PageOptions): Promise<Page<User>> {
    const found = await page(
      options,
      (username, limit) => this.users.after(username, limit),
      (user) => user.username,
    );
    const keys = await this.keys.of(...found.items.map((user) => user.id));
    const linesOf = (id: User['id']): string[] => keys.filter((key) => key.userId === id).map((key) => key.line);
    return { ...found, items: found.items.map((user) => describeUser(user, linesOf(user.id))) };
  }
}
