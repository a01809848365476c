import type { AccountId, Authorization } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';

export type Validity = 'live' | 'not-yet-valid' | 'expired';

/** Live from `validFrom` on, the moment itself included, up to `validUntil`, that moment left out. */
export function validityAt({ validFrom, validUntil }: Authorization, now: Date): Validity {
  if (validFrom !== undefined && now < new Date(validFrom)) return 'not-yet-valid';
  return validUntil !== undefined && now >= new Date(validUntil) ? 'expired' : 'live';
}

/** Without a list of accounts it is for all of the host, those of tomorrow included. */
export function permits({ accountIds }: Authorization, id: AccountId): boolean {
  return accountIds === undefined || accountIds.includes(id);
}

type Parties = Pick<Authorization, 'userId' | 'userGroupId' | 'hostId' | 'hostGroupId'>;

/** @throws DomainError `request.invalid` it is not for one user or one group of users, at one host or one group of hosts */
export function checkParties({ userId, userGroupId, hostId, hostGroupId }: Parties): void {
  if ((userId === undefined) === (userGroupId === undefined))
    throw new DomainError('request.invalid', 'one of userId and userGroupId has to be given');
  if ((hostId === undefined) === (hostGroupId === undefined))
    throw new DomainError('request.invalid', 'one of hostId and hostGroupId has to be given');
}

/** @throws DomainError `request.invalid` it would never be live */
export function checkValidity({ validFrom, validUntil }: Pick<Authorization, 'validFrom' | 'validUntil'>): void {
  if (validFrom !== undefined && validUntil !== undefined && new Date(validFrom) >= new Date(validUntil))
    throw new DomainError('request.invalid', 'validFrom must be before validUntil');
}
