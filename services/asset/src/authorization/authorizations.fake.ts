import type { Authorization, AuthorizationId, HostId, UserId } from '@sallyport/contracts';
import type { AuthorizationFilter } from './authorizations.js';
import { Authorizations } from './authorizations.js';

export class FakeAuthorizations extends Authorizations {
  #all: Authorization[] = [];

  add(authorization: Authorization): Promise<void> {
    this.#all.push(authorization);
    return Promise.resolve();
  }

  of(userId: UserId, hostIds: readonly HostId[]): Promise<Authorization[]> {
    return Promise.resolve(this.#all.filter((one) => one.userId === userId && hostIds.includes(one.hostId)));
  }

  after(
    id: AuthorizationId | undefined,
    limit: number,
    { userId, hostId }: AuthorizationFilter,
  ): Promise<Authorization[]> {
    const fits = (one: Authorization): boolean =>
      (id === undefined || one.id > id) &&
      one.userId === (userId ?? one.userId) &&
      one.hostId === (hostId ?? one.hostId);
    const sorted = [...this.#all].sort((a, b) => (a.id < b.id ? -1 : 1));
    return Promise.resolve(sorted.filter(fits).slice(0, limit));
  }

  remove(id: AuthorizationId): Promise<Authorization | undefined> {
    const gone = this.#all.find((one) => one.id === id);
    this.#all = this.#all.filter((one) => one !== gone);
    return Promise.resolve(gone);
  }
}
