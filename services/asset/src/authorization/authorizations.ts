import type { Authorization, AuthorizationId, HostId, UserId } from '@sallyport/contracts';

export interface AuthorizationFilter {
  userId?: UserId | undefined;
  hostId?: HostId | undefined;
}

/** Port: who may use which accounts. */
export abstract class Authorizations {
  abstract add(authorization: Authorization): Promise<void>;
  /** A user's, for any of the hosts, live or not; oldest first. */
  abstract of(userId: UserId, hostIds: readonly HostId[]): Promise<Authorization[]>;
  /** At most `limit` with a greater id than `id`, in the order of ids; all conditions of the filter must hold. */
  abstract after(id: AuthorizationId | undefined, limit: number, filter: AuthorizationFilter): Promise<Authorization[]>;
  /** Kept as it is for others until the transaction ends; undefined when there is none of this id. */
  abstract forUpdate(id: AuthorizationId): Promise<Authorization | undefined>;
  /** Time, policy and limits. */
  abstract save(authorization: Authorization): Promise<void>;
  /** The one that is gone now; undefined when there was none of this id. */
  abstract remove(id: AuthorizationId): Promise<Authorization | undefined>;
}
