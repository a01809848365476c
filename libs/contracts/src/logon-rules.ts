import { z } from 'zod';
import { Instant } from './values.js';

/** An IPv4 or IPv6 address, or a network such as `10.0.0.0/8`. */
export const Cidr = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()]);

export const Weekday = z.enum(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']);
export type Weekday = z.infer<typeof Weekday>;

/** `HH:MM` on a 24-hour clock. */
const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'HH:MM, from 00:00 to 23:59');
const EndOfWindow = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'HH:MM, from 00:01 to 24:00');

/** From `from` on, up to but without `until`, on each of the days. Over midnight: one window before it, one after. */
const Window = z
  .strictObject({ days: z.array(Weekday).min(1).max(7), from: TimeOfDay, until: EndOfWindow })
  .refine(({ from, until }) => from < until, { error: '`from` must be before `until`', path: ['until'] });

/** When somebody may log on, by the clock on the wall of a place. */
export const LogonHours = z.strictObject({
  /** IANA name, such as `Asia/Shanghai`. */
  timeZone: z.string().min(1).max(64).refine(isTimeZone, 'must be an IANA time zone, such as Asia/Shanghai or UTC'),
  windows: z.array(Window).min(1).max(21),
});
export type LogonHours = z.infer<typeof LogonHours>;

/** Where from and when a user may log on or sign in; what is absent restricts nothing. */
export const LogonRules = {
  validFrom: Instant.optional(),
  validUntil: Instant.optional(),
  allowedAddresses: z.array(Cidr).max(100).optional(),
  logonHours: LogonHours.optional(),
};

/** The same as a change: `null`, or an empty list, takes a rule away. */
export const LogonRuleChanges = {
  validFrom: Instant.nullable().optional(),
  validUntil: Instant.nullable().optional(),
  allowedAddresses: z.array(Cidr).max(100).optional(),
  logonHours: LogonHours.nullable().optional(),
};

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
