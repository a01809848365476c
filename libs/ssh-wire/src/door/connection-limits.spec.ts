import { beforeEach, describe, expect, it } from 'vitest';
import type { Place } from './connection-limits.js';
import { ConnectionLimits } from './connection-limits.js';

let now: number;
let limits: ConnectionLimits;
beforeEach(() => {
  now = 0;
  const rules = { maxUnauthenticated: 4, maxUnauthenticatedPerAddress: 2, maxFailuresPerMinute: 3 };
  limits = new ConnectionLimits(rules, () => now);
});
const place = (address: string): Place => {
  const answer = limits.admit(address);
  if (typeof answer === 'string') throw new Error(answer);
  return answer;
};

describe('ConnectionLimits', () => {
  it('keeps places for others, whatever one address does', () => {
    const mine = [place('192.0.2.7'), place('192.0.2.7')];
    expect(limits.admit('192.0.2.7')).toBe('too-many-of-address');
    place('192.0.2.8');
    mine[0]?.free();
    mine[0]?.free();
    place('192.0.2.7');
    expect(limits.admit('192.0.2.7')).toBe('too-many-of-address');
  });

  it('takes an IPv6 network for one address', () => {
    place('2001:db8::1');
    place('2001:db8::2');
    expect(limits.admit('2001:db8::3')).toBe('too-many-of-address');
    place('2001:db8:0:1::1');
  });

  it('has so many places in all', () => {
    for (const address of ['a', 'b', 'c', 'd']) place(address);
    expect(limits.admit('e')).toBe('too-many-unauthenticated');
  });

  it('hears an address no more that failed so often, until the minute is over', () => {
    for (let i = 0; i < 3; i += 1) {
      const failed = place('192.0.2.7');
      failed.fail();
      failed.fail();
      now += 1_000;
    }
    expect(limits.admit('192.0.2.7')).toBe('too-many-failures');
    place('192.0.2.8');
    now = 59_999;
    expect(limits.admit('192.0.2.7')).toBe('too-many-failures');
    now = 60_000;
    place('192.0.2.7');
  });

  it('A6: counts nobody who was authenticated', () => {
    for (let i = 0; i < 10; i += 1) {
      const good = place('192.0.2.7');
      good.free();
      good.fail();
    }
    place('192.0.2.7');
  });

  it('forgets the oldest of very many addresses', () => {
    for (let i = 0; i < 3; i += 1) place('first').fail();
    for (let i = 0; i < 10_000; i += 1) place(`other-${i}`).fail();
    place('first');
  });
});
