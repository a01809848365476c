import type { IdentityClaims, Target, UserId } from '@sallyport/contracts';

/** Where a list goes on: behind this host and account. */
export type TargetKey = Pick<Target, 'host' | 'account'>;

export interface TargetFilter {
  /** Each must be part of the host's name, the account, the address or the instance id, letters' case aside. */
  words: readonly string[];
  after?: TargetKey | undefined;
  /** All that the ticket is good for, with which the user logged on. */
  within?: IdentityClaims['ticket'];
  limit: number;
}

/** Port: the accounts that a user may log on to. */
export abstract class GrantedTargets {
  /**
   * Those with an authorization that is live at `now`, in the order of the bytes of host and account. Accounts of a host that have one
   * user name are one target, as they are for whoever types it.
   */
  abstract of(userId: UserId, now: Date, filter: TargetFilter): Promise<Target[]>;
}
