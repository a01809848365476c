import { describe, expect, it } from 'vitest';
import { Cidr, LogonHours } from './logon-rules.js';

const hours = (window: object, timeZone = 'Asia/Shanghai') =>
  LogonHours.safeParse({ timeZone, windows: [{ days: ['monday'], from: '09:00', until: '18:00', ...window }] });

describe('LogonHours', () => {
  it('takes windows within a day, in a time zone that there is', () => {
    expect(hours({}).success).toBe(true);
    expect(hours({ from: '00:00', until: '24:00' }).success).toBe(true);
    for (const window of [{ from: '18:00' }, { from: '24:00' }, { until: '25:00' }, { until: '9:00' }, { days: [] }])
      expect(hours(window).success).toBe(false);
    expect(hours({}, 'Mars/Olympus').success).toBe(false);
  });
});

describe('Cidr', () => {
  it('takes addresses and networks of both families, and nothing else', () => {
    for (const good of ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::1'])
      expect(Cidr.safeParse(good).success).toBe(true);
    for (const bad of ['', '10.0.0.0/33', '10.0.0/8', '*', 'localhost', '::/129', '10.0.0.0/8,::/0'])
      expect(Cidr.safeParse(bad).success).toBe(false);
  });
});
