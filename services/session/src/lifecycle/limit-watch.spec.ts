import type { SessionLimits } from '@sallyport/contracts';
import { describe, expect, it } from 'vitest';
import { FakeTimers } from '../testing/fake-timers.js';
import { LimitWatch } from './limit-watch.js';
import type { LimitDefaults } from './limit-watch.js';

const minute = 60_000;
const day = 24 * 60 * minute;

function watch(granted: SessionLimits, defaults: LimitDefaults = { warnSeconds: 60 }) {
  const timers = new FakeTimers();
  const said: string[] = [];
  const limits = new LimitWatch(granted, defaults, timers, {
    warn: (line) => said.push(line),
    end: (reason, { code, message }) => said.push(`${reason} ${code}: ${message}`),
  });
  return { timers, said, limits };
}

describe('LimitWatch', () => {
  it('E1, E3: warns before the idle limit and gives the reason at the end', () => {
    const { timers, said } = watch({ idleSeconds: 900 });
    timers.pass(14 * minute - 1);
    expect(said).toEqual([]);
    timers.pass(1);
    expect(said).toEqual([
      'sallyport: nothing was typed or shown for a while; this session ends in 1 minute unless that changes',
    ]);
    timers.pass(minute - 1);
    expect(said).toHaveLength(1);
    timers.pass(1);
    expect(said[1]).toBe('idle-limit session.idle: nothing was typed or shown for 15 minutes; log on again');
    timers.pass(day);
    expect(said).toHaveLength(2);
  });

  it('E1: data keeps the session, exactly as long as it comes', () => {
    const { timers, said, limits } = watch({ idleSeconds: 60 }, { warnSeconds: 10 });
    for (let i = 0; i < 100; i += 1) {
      timers.pass(49_999);
      limits.active();
    }
    expect(said).toEqual([]);
    timers.pass(minute);
    expect(said.map((line) => line.slice(0, 10))).toEqual(['sallyport:', 'idle-limit']);
  });

  it('E3: the total time ends a session that is busy', () => {
    const { timers, said, limits } = watch({ idleSeconds: 60, durationSeconds: 5_400 });
    for (let i = 0; i < 270; i += 1) {
      timers.pass(minute / 3);
      limits.active();
    }
    expect(said[0]).toBe('sallyport: this session ends in 1 minute: it may take 90 minutes in all');
    expect(said[1]).toMatch(/^duration-limit session\.too-long: the 90 minutes that/);
  });

  it('goes by the grant, and by the deployment where the grant says nothing', () => {
    const defaults = { idleSeconds: 60, durationSeconds: 600, warnSeconds: 1 };
    const { timers, said } = watch({ idleSeconds: 120 }, defaults);
    timers.pass(119_000);
    expect(said).toHaveLength(1);
    const other = watch({ idleSeconds: 3_600 }, defaults);
    other.timers.pass(10 * minute);
    expect(other.said.at(-1)).toMatch(/^duration-limit/);
  });

  it('waits for limits that are longer than a timer can be', () => {
    const { timers, said } = watch({ durationSeconds: 2_592_000 });
    timers.pass(30 * day - minute - 1);
    expect(said).toEqual([]);
    timers.pass(minute + 1);
    expect(said).toHaveLength(2);
  });

  it('says nothing once it is stopped', () => {
    const { timers, said, limits } = watch({ idleSeconds: 60 });
    limits.stop();
    timers.pass(day);
    expect(said).toEqual([]);
  });
});
