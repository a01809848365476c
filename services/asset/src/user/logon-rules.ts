import { AddressList } from '@sallyport/addresses';
import type { LogonHours, RequestOf, UpdateUserV1, User } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';

/** Where from and when a user may log on; what is undefined restricts nothing. */
export type LogonRules = Pick<User, 'validFrom' | 'validUntil' | 'allowedAddresses' | 'logonHours'>;
type Changes = Pick<RequestOf<typeof UpdateUserV1>, keyof LogonRules>;

export type NotAdmitted = 'locked' | 'not-yet-valid' | 'expired' | 'denied-address' | 'out-of-hours';

/**
 * Why somebody who proved to be this user is not let in, from there and now. Users valid from and until a moment are so
 * from the first on, and up to but without the second.
 */
export function whyNotAdmitted(
  user: LogonRules & Pick<User, 'status'>,
  clientAddress: string,
  now: Date,
): NotAdmitted | undefined {
  const { status, validFrom, validUntil, allowedAddresses, logonHours } = user;
  if (status !== 'active') return 'locked';
  if (validFrom !== undefined && now < new Date(validFrom)) return 'not-yet-valid';
  if (validUntil !== undefined && now >= new Date(validUntil)) return 'expired';
  if (allowedAddresses && !AddressList.of(allowedAddresses).includes(clientAddress)) return 'denied-address';
  if (logonHours && !withinHours(logonHours, now)) return 'out-of-hours';
  return undefined;
}

/** By the clock on the wall there, summer time included: an hour that comes twice counts twice, one that is left out never. */
export function withinHours({ timeZone, windows }: LogonHours, now: Date): boolean {
  const format = { timeZone, weekday: 'long', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const parts = new Intl.DateTimeFormat('en-GB', format).formatToParts(now);
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? '';
  const [day, time] = [part('weekday').toLowerCase(), `${part('hour')}:${part('minute')}`];
  return windows.some(({ days, from, until }) => days.some((each) => each === day) && from <= time && time < until);
}

export function isRestricted({ validFrom, validUntil, allowedAddresses, logonHours }: LogonRules): boolean {
  return [validFrom, validUntil, allowedAddresses, logonHours].some((rule) => rule !== undefined);
}

/**
 * The rules after a change: what is left out stays, `null` or an empty list takes a rule away.
 * @throws DomainError `request.invalid` nobody could ever log on
 */
export function changeRules(rules: LogonRules, changes: Changes): Required<LogonRules> {
  const changed = { ...rules, ...withoutUndefined(changes) };
  const [validFrom, validUntil] = [inUtc(changed.validFrom), inUtc(changed.validUntil)];
  if (validFrom !== undefined && validUntil !== undefined && validFrom >= validUntil)
    throw new DomainError('request.invalid', 'validFrom must be before validUntil');
  const allowedAddresses = changed.allowedAddresses?.length ? changed.allowedAddresses : undefined;
  return { validFrom, validUntil, allowedAddresses, logonHours: changed.logonHours ?? undefined };
}

const inUtc = (instant: string | null | undefined): string | undefined =>
  instant ? new Date(instant).toISOString() : undefined;

function withoutUndefined({ validFrom, validUntil, allowedAddresses, logonHours }: Changes): Changes {
  return {
    ...(validFrom !== undefined && { validFrom }),
    ...(validUntil !== undefined && { validUntil }),
    ...(allowedAddresses !== undefined && { allowedAddresses }),
    ...(logonHours !== undefined && { logonHours }),
  };
}
