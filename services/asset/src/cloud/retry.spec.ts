import { describe, expect, it } from 'vitest';
import { DeadlineError, retry } from './retry.js';

const options = { attempts: 3, deadlineMs: 20_000, isRetryable: (error: unknown) => error instanceof RangeError };
const failing = (...errors: Error[]) => {
  const calls = { count: 0 };
  const work = (): Promise<string> => {
    calls.count += 1;
    const error = errors.shift();
    return error ? Promise.reject(error) : Promise.resolve('done');
  };
  return { work, calls };
};

describe('retry', () => {
  it('tries again what may pass', async () => {
    const { work, calls } = failing(new RangeError('busy'));
    expect(await retry(work, options)).toBe('done');
    expect(calls.count).toBe(2);
  });

  it('gives up at once on what will not pass, and after the last attempt', async () => {
    const denied = failing(new TypeError('denied'));
    await expect(retry(denied.work, options)).rejects.toThrow('denied');
    expect(denied.calls.count).toBe(1);

    const busy = failing(...['a', 'b', 'c', 'd'].map((text) => new RangeError(text)));
    await expect(retry(busy.work, options)).rejects.toThrow('c');
    expect(busy.calls.count).toBe(3);
  });

  it('ends at the deadline, whatever the work does', async () => {
    const never = (): Promise<never> => new Promise(() => undefined);
    await expect(retry(never, { ...options, deadlineMs: 20 })).rejects.toThrow(DeadlineError);
  });
});
