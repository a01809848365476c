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

/** @throws DomainError `request.invalid` it would never be live */
export function checkValidity({ validFrom, validUntil }: Pick<Authorization, 'validFrom' | 'validUntil'>): void {
  if (validFrom !== undefined && validUntil !== undefined && new Date(validFrom) >= new Date(validUntil))
    throw new DomainError('request.invalid', 'validFrom must be before validUntil');
}
