import { describe, expect, it } from 'vitest';
import { delayOf, FaultRule, Faults, spoilOf } from './faults.js';

describe('faults on purpose', () => {
  /** The kinds of the faults that so many calls of an operation meet. */
  const kindsOf = (faults: Faults, count: number, action = 'GetSecretValue') =>
    Array.from({ length: count }, () => faults.take(action)?.kind);

  it('strike the next n calls', () => {
    const faults = new Faults();
    faults.set([{ kind: '500', count: 2 }]);
    expect(kindsOf(faults, 3)).toEqual(['500', '500', undefined]);
  });

  it('strike at a rate', () => {
    const draws = [0.1, 0.29, 0.3, 0.9, 0];
    const faults = new Faults(() => draws.shift() ?? 1);
    faults.set([{ kind: '429', rate: 0.3 }]);
    expect(kindsOf(faults, 6)).toEqual(['429', '429', undefined, undefined, '429', undefined]);
  });

  it('strike one operation or all, the first rule that applies, until they are taken back', () => {
    const faults = new Faults();
    faults.set([
      { kind: 'denied', operation: 'ListSecrets' },
      { kind: 'reset', count: 1 },
    ]);
    expect(kindsOf(faults, 2)).toEqual(['reset', undefined]);
    expect(kindsOf(faults, 2, 'ListSecrets')).toEqual(['denied', 'denied']);
    faults.set([]);
    expect(kindsOf(faults, 1, 'ListSecrets')).toEqual([undefined]);
  });

  it('wait as long as told, the kind `delay` for longer than SDKs do', () => {
    expect(delayOf({ kind: 'delay' })).toBeGreaterThan(3_000);
    expect(delayOf({ kind: '500' })).toBe(0);
    expect(delayOf({ kind: '500', delayMs: 250 })).toBe(250);
    expect(spoilOf({ kind: 'truncated' })).toBe('truncated');
  });

  it.each([{ kind: 'fire' }, { kind: '500', rate: 2 }, { kind: '500', count: 0 }, { kind: '500', more: 1 }, {}])(
    'refuses %j',
    (rule) => {
      expect(FaultRule.safeParse(rule).success).toBe(false);
    },
  );
});
