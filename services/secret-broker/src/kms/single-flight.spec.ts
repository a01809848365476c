import { describe, expect, it } from 'vitest';
import { SingleFlight } from './single-flight.js';

/** Calls that end when the test says so. */
function controlled() {
  const ends: (() => void)[] = [];
  let started = 0;
  const start = (): Promise<number> => {
    const number = ++started;
    return new Promise((resolve) =>
      ends.push(() => {
        resolve(number);
      }),
    );
  };
  return {
    start,
    end: () => {
      ends.shift()?.();
    },
    count: () => started,
  };
}

describe('SingleFlight', () => {
  it('B5: 200 who ask for one thing at once share one call', async () => {
    const flight = new SingleFlight<number>();
    const { start, end, count } = controlled();
    const asked = Array.from({ length: 200 }, () => flight.run('a', start));
    end();
    expect(new Set(await Promise.all(asked))).toEqual(new Set([1]));
    expect(count()).toBe(1);
  });

  it('B1: serves nothing after the call has ended, and nothing to who asks for something else', async () => {
    const flight = new SingleFlight<number>();
    const { start, end } = controlled();
    const [a, b] = [flight.run('a', start), flight.run('b', start)];
    end();
    end();
    expect([await a, await b]).toEqual([1, 2]);
    const later = flight.run('a', start);
    end();
    expect(await later).toBe(3);
  });

  it('passes a failure on to all who wait, and keeps it for nobody', async () => {
    const flight = new SingleFlight<number>();
    const failing = () => Promise.reject(new Error('down'));
    const asked = [flight.run('a', failing), flight.run('a', failing)];
    for (const one of asked) await expect(one).rejects.toThrow('down');
    expect(await flight.run('a', () => Promise.resolve(1))).toBe(1);
  });
});
