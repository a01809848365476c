import type { UserId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { administers } from './keep-administrator.js';
import type { StoredUser } from './user.js';
import { Users } from './users.js';

export class FakeUsers extends Users {
  readonly #users = new Map<UserId, StoredUser>();

  add(user: StoredUser): Promise<void> {
    const same = (other: StoredUser): boolean => other.username.toLowerCase() === user.username.toLowerCase();
    if ([...this.#users.values()].some(same))
      return Promise.reject(new DomainError('user.exists', 'a user has this name already'));
    this.#users.set(user.id, { ...user });
    return Promise.resolve();
  }

  byId(id: UserId): Promise<StoredUser | undefined> {
    return Promise.resolve(this.#users.get(id));
  }

  byName(username: string): Promise<StoredUser | undefined> {
    return Promise.resolve([...this.#users.values()].find((user) => user.username === username));
  }

  save(user: StoredUser): Promise<void> {
    const { username } = this.#users.get(user.id) ?? user;
    this.#users.set(user.id, { ...user, username });
    return Promise.resolve();
  }

  remove(id: UserId): Promise<void> {
    this.#users.delete(id);
    return Promise.resolve();
  }

  after(username: string | undefined, limit: number): Promise<StoredUser[]> {
    const sorted = [...this.#users.values()].sort((a, b) => (a.username < b.username ? -1 : 1));
    return Promise.resolve(sorted.filter((user) => username === undefined || user.username > username).slice(0, limit));
  }

  otherAdministrator(than: UserId): Promise<boolean> {
    const others = [...this.#users.values()].filter((user) => user.id !== than);
    return Promise.resolve(others.some(administers));
  }

  none(): Promise<boolean> {
    return Promise.resolve(this.#users.size === 0);
  }
}
