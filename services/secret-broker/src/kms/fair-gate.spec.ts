import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FairGate, NoTurn } from './fair-gate.js';

const unlimited = 1_000_000;

/** Calls that are on their way until they are told to end, by the order in which they could start. */
function callers(gate: FairGate) {
  const started: string[] = [];
  const ends: (() => void)[] = [];
  const call = async (key: string, timeoutMs = 60_000): Promise<void> => {
    const leave = await gate.enter(key, timeoutMs);
    started.push(key);
    ends.push(leave);
  };
  const settle = () => vi.advanceTimersByTimeAsync(0);
  const endOne = async (): Promise<void> => {
    ends.shift()?.();
    await settle();
  };
  return { started, call, endOne, settle };
}

describe('FairGate', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('B5: lets no more calls be on their way at once than it may', async () => {
    const { started, call, endOne, settle } = callers(new FairGate({ inFlight: 3, perSecond: unlimited }));
    for (let n = 0; n < 10; n++) void call('a');
    await settle();
    expect(started).toHaveLength(3);
    await endOne();
    expect(started).toHaveLength(4);
  });

  it('B5: starts no more calls in any second than the quota, whatever is asked for', async () => {
    const { started, call } = callers(new FairGate({ inFlight: unlimited, perSecond: 80 }));
    for (let n = 0; n < 500; n++) void call(`secret ${n}`);
    for (let second = 1; second <= 4; second++) {
      const before = started.length;
      await vi.advanceTimersByTimeAsync(1_000);
      expect(started.length - before).toBeGreaterThan(60);
      expect(started.length - before).toBeLessThanOrEqual(100);
    }
  });

  it('B5: one noisy account makes itself wait, and nobody else', async () => {
    const { started, call, endOne, settle } = callers(new FairGate({ inFlight: 1, perSecond: unlimited }));
    for (let n = 0; n < 100; n++) void call('noisy');
    void call('quiet');
    void call('other');
    await settle();
    for (let n = 0; n < 5; n++) await endOne();
    expect(started).toEqual(['noisy', 'noisy', 'quiet', 'other', 'noisy', 'noisy']);
  });

  it('B5: gives up a call whose turn does not come in time, and keeps no place for it', async () => {
    const { started, call, endOne } = callers(new FairGate({ inFlight: 1, perSecond: unlimited }));
    void call('a');
    const late = expect(call('b', 500)).rejects.toBeInstanceOf(NoTurn);
    await vi.advanceTimersByTimeAsync(500);
    await late;
    void call('c');
    await endOne();
    expect(started).toEqual(['a', 'c']);
  });
});
