import type { LogonHours } from '@sallyport/contracts';
import { describe, expect, it } from 'vitest';
import { changeRules, whyNotAdmitted, withinHours } from './logon-rules.js';

const active = { status: 'active' } as const;
const now = new Date('2026-11-24T10:00:00.000Z'); // a Tuesday
const office: LogonHours = {
  timeZone: 'Asia/Shanghai',
  windows: [{ days: ['monday', 'tuesday'], from: '09:00', until: '18:00' }],
};

describe('whyNotAdmitted', () => {
  it.each([
    [{}, undefined],
    [{ status: 'locked' as const }, 'locked'],
    [{ validFrom: '2026-11-24T10:00:00.000Z' }, undefined],
    [{ validFrom: '2026-11-24T10:00:00.001Z' }, 'not-yet-valid'],
    [{ validUntil: '2026-11-24T10:00:00.001Z' }, undefined],
    [{ validUntil: '2026-11-24T10:00:00.000Z' }, 'expired'],
    [{ allowedAddresses: ['192.0.2.0/24'] }, undefined],
    [{ allowedAddresses: ['198.51.100.0/24', '2001:db8::/32'] }, 'denied-address'],
    [{ logonHours: { ...office, timeZone: 'UTC' } }, undefined],
    [{ logonHours: office }, 'out-of-hours'],
  ])('A9: of a user with %j says %s', (rules, expected) => {
    expect(whyNotAdmitted({ ...active, ...rules }, '192.0.2.7', now)).toBe(expected);
  });

  it('A9: lets nobody in from what is no address, where addresses are named', () => {
    expect(whyNotAdmitted({ ...active, allowedAddresses: ['0.0.0.0/0', '::/0'] }, 'unknown', now)).toBe(
      'denied-address',
    );
  });
});

describe('withinHours', () => {
  it.each([
    ['2026-11-24T01:00:00Z', true], // 09:00 in Shanghai
    ['2026-11-24T00:59:59Z', false],
    ['2026-11-24T09:59:59Z', true],
    ['2026-11-24T10:00:00Z', false], // 18:00
    ['2026-11-25T02:00:00Z', false], // Wednesday
    ['2026-11-22T16:30:00Z', false], // Monday in Shanghai, half past midnight
  ])('at %s: %s', (at, expected) => {
    expect(withinHours(office, new Date(at))).toBe(expected);
  });

  it('goes by the day there, until midnight', () => {
    const monday: LogonHours = {
      timeZone: 'Asia/Shanghai',
      windows: [{ days: ['monday'], from: '00:00', until: '24:00' }],
    };
    expect(withinHours(monday, new Date('2026-11-22T16:00:00Z'))).toBe(true);
    expect(withinHours(monday, new Date('2026-11-23T15:59:00Z'))).toBe(true);
    expect(withinHours(monday, new Date('2026-11-23T16:00:00Z'))).toBe(false);
  });

  it('follows summer time', () => {
    const eight: LogonHours = {
      timeZone: 'Europe/Berlin',
      windows: [{ days: ['wednesday'], from: '08:00', until: '08:01' }],
    };
    expect(withinHours(eight, new Date('2026-07-01T06:00:00Z'))).toBe(true);
    expect(withinHours(eight, new Date('2026-12-02T07:00:00Z'))).toBe(true);
    expect(withinHours(eight, new Date('2026-12-02T06:00:00Z'))).toBe(false);
  });
});

describe('changeRules', () => {
  const rules = { validFrom: '2026-01-01T00:00:00.000Z', allowedAddresses: ['10.0.0.0/8'], logonHours: office };

  it('keeps what is left out, and takes away what is null or empty', () => {
    expect(changeRules(rules, {})).toEqual(rules);
    expect(changeRules(rules, { validFrom: null, allowedAddresses: [], logonHours: null })).toEqual({});
    expect(changeRules(rules, { validUntil: '2026-02-01T00:00:00.000Z' })).toMatchObject({
      ...rules,
      validUntil: '2026-02-01T00:00:00.000Z',
    });
  });

  it('refuses a time in which nobody could log on', () => {
    expect(() => changeRules(rules, { validUntil: rules.validFrom })).toThrow('validFrom must be before validUntil');
  });
});
