import type { Authorization, AuthorizationId, GroupId, HostId, UserId } from '@sallyport/contracts';

export interface AuthorizationFilter {
  /** With those that are for a group which the user is in. */
  userId?: UserId | undefined;
  userGroupId?: GroupId | undefined;
  /** With those that are for a group which the host is in. */
  hostId?: HostId | undefined;
  hostGroupId?: GroupId | undefined;
}

/** Port: who may use which accounts. */
export abstract class Authorizations {
  abstract add(authorization: Authorization): Promise<void>;
  /**
   * What a user was permitted at each of the hosts, live or not, by name or by way of groups as they are now; oldest first. A host
   * that is left out has none.
   */
  abstract of(userId: UserId, hostIds: readonly HostId[]): Promise<ReadonlyMap<HostId, Authorization[]>>;
  /** At most `limit` with a greater id than `id`, in the order of ids; all conditions of the filter must hold. */
  abstract after(id: AuthorizationId | undefined, limit: number, filter: AuthorizationFilter): Promise<Authorization[]>;
  /** Kept as it is for others until the transaction ends; undefined when there is none of this id. */
  abstract forUpdate(id: AuthorizationId): Promise<Authorization | undefined>;
  /** Time, policy and limits. */
  abstract save(authorization: Authorization): Promise<void>;
  /** The one that is gone now; undefined when there was none of this id. */
  abstract remove(id: AuthorizationId): Promise<Authorization | undefined>;
}
