import { DomainError } from '@sallyport/errors';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../clock.fake.js';
import type { Try } from './patience.js';
import { withPatience } from './patience.js';

const patience = { tries: 3, totalMs: 8_000, tryMs: 4_000 };
const busy = new DomainError('kms.throttled', 'busy', { retryable: true });
const denied = new DomainError('kms.denied', 'no');

/** Fails with these, one after the other, each after `tookMs`, and then works. */
function attempts(clock: FakeClock, failures: Error[], tookMs = 0) {
  const seen: Try[] = [];
  const attempt = (one: Try): Promise<string> => {
    seen.push(one);
    clock.pass(tookMs);
    const failure = failures[seen.length - 1];
    return failure ? Promise.reject(failure) : Promise.resolve('done');
  };
  return { seen, attempt };
}

describe('withPatience', () => {
  it('B5: tries again after an error that may pass, with pauses of full jitter', async () => {
    const clock = new FakeClock();
    const { seen, attempt } = attempts(clock, [busy, busy]);
    expect(await withPatience(patience, clock, attempt, () => 0.5)).toBe('done');
    expect(seen.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(clock.sleeps).toEqual([100, 200]);
  });

  it('B5: gives up with the last error when the tries are used up', async () => {
    const clock = new FakeClock();
    const { seen, attempt } = attempts(clock, [busy, busy, busy, busy]);
    await expect(withPatience(patience, clock, attempt)).rejects.toBe(busy);
    expect(seen).toHaveLength(3);
  });

  it.each([denied, new Error('a mistake of ours')])('does not try again after %s', async (error) => {
    const clock = new FakeClock();
    const { seen, attempt } = attempts(clock, [error]);
    await expect(withPatience(patience, clock, attempt)).rejects.toBe(error);
    expect(seen).toHaveLength(1);
  });

  it('B6: never takes longer than it may in all, whatever one try takes', async () => {
    const clock = new FakeClock();
    const startedAt = clock.now().getTime();
    const { seen, attempt } = attempts(clock, [busy, busy, busy], 3_950);
    await expect(withPatience(patience, clock, attempt, () => 0.5)).rejects.toBe(busy);
    expect(seen.map(({ timeoutMs }) => timeoutMs)).toEqual([4_000, 3_950]);
    expect(clock.now().getTime() - startedAt).toBeLessThanOrEqual(8_000);
  });
});
