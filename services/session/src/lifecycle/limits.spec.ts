import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Limits } from './limits.js';

const minute = 60_000;

describe('Limits', () => {
  it('E1, E3: warns a minute before the end of 15 idle minutes, and ends at 15, not before', () => {
    const limits = new Limits({ idleMs: 15 * minute, warnMs: minute }, 0);
    expect(limits.due(14 * minute - 1)).toEqual([]);
    expect(limits.nextAt()).toBe(14 * minute);
    expect(limits.due(14 * minute)).toEqual([{ kind: 'warn', limit: 'idle', leftMs: minute }]);
    expect(limits.nextAt()).toBe(15 * minute);
    expect(limits.due(15 * minute - 1)).toEqual([]);
    expect(limits.due(15 * minute)).toEqual([{ kind: 'end', limit: 'idle' }]);
    expect(limits.due(99 * minute)).toEqual([]);
    expect(limits.nextAt()).toBeUndefined();
  });

  it('E1: activity starts the idle time anew, also after the warning, and is warned of anew', () => {
    const limits = new Limits({ idleMs: 10 * minute, warnMs: minute }, 0);
    expect(limits.due(9 * minute)).toHaveLength(1);
    limits.active(9.5 * minute);
    expect(limits.due(10 * minute)).toEqual([]);
    expect(limits.nextAt()).toBe(18.5 * minute);
    expect(limits.due(18.5 * minute)).toMatchObject([{ kind: 'warn' }]);
  });

  it('E3: the total time runs whatever happens, with a warning of its own', () => {
    const limits = new Limits({ idleMs: 10 * minute, durationMs: 12 * minute, warnMs: minute }, 0);
    for (let at = 0; at < 11; at += 1) {
      limits.active(at * minute);
      expect(limits.due(at * minute)).toEqual([]);
    }
    expect(limits.due(11 * minute)).toEqual([{ kind: 'warn', limit: 'duration', leftMs: minute }]);
    limits.active(12 * minute);
    expect(limits.due(12 * minute)).toEqual([{ kind: 'end', limit: 'duration' }]);
  });

  it('E3: warns after half of a limit that is short', () => {
    const limits = new Limits({ idleMs: 1_000, warnMs: minute }, 0);
    expect(limits.due(499)).toEqual([]);
    expect(limits.due(500)).toEqual([{ kind: 'warn', limit: 'idle', leftMs: 500 }]);
  });

  it('has nothing to say without limits', () => {
    const limits = new Limits({ warnMs: minute }, 0);
    expect(limits.due(1e12)).toEqual([]);
    expect(limits.nextAt()).toBeUndefined();
  });

  it('E1, E3: whatever the activity, ends exactly at the first limit that was reached, warned before', () => {
    const pauses = fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 40 });
    const limit = fc.integer({ min: 2, max: 40 });
    fc.assert(
      fc.property(pauses, limit, fc.integer({ min: 2, max: 400 }), (times, idleMs, durationMs) => {
        const limits = new Limits({ idleMs, durationMs, warnMs: 10 }, 0);
        const ends = new Set<number>();
        const warned = new Set<string>();
        let [now, last] = [0, 0];
        for (const pause of [...times, 500]) {
          for (const until = now + pause; now < until;) {
            now += 1;
            for (const step of limits.due(now)) {
              if (step.kind === 'warn') warned.add(step.limit);
              else ends.add(now).add(Number(warned.has(step.limit)) - 2);
            }
          }
          if (ends.size > 0) break;
          last = now;
          limits.active(now);
        }
        expect(ends).toEqual(new Set([Math.min(last + idleMs, durationMs), -1]));
      }),
    );
  });
});
