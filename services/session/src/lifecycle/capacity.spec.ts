import { describe, expect, it } from 'vitest';
import { Capacity } from './capacity.js';

const rules = { maxSessions: 2, maxMemoryBytes: 1_000, maxDelayMs: 100 };
const idle = { memoryBytes: 1_000, heapShare: 0.5, delayMs: 100 };

describe('Capacity', () => {
  it('H4: has a place for as many sessions as it may have, and again when one is left, once', () => {
    const capacity = new Capacity(rules, idle);
    const [leave] = [capacity.enter(), capacity.enter()];
    expect(capacity.overload).toBe('too-many-sessions');
    expect(() => capacity.enter()).toThrow(expect.objectContaining({ code: 'service.overloaded', retryable: true }));
    leave();
    leave();
    capacity.enter();
    expect(capacity.overload).toBe('too-many-sessions');
  });

  it.each([
    ['too-little-memory', { memoryBytes: 1_001 }],
    ['too-little-memory', { heapShare: 0.9 }],
    ['too-busy', { delayMs: 101 }],
  ])('H4: is overloaded, %s, with %o', (overload, load) => {
    expect(new Capacity(rules, { ...idle, ...load }).overload).toBe(overload);
    expect(new Capacity(rules, idle).overload).toBeUndefined();
  });

  it('H3: has no place for anybody once it drains', () => {
    const capacity = new Capacity(rules, idle);
    capacity.drain();
    expect(() => capacity.enter()).toThrow(expect.objectContaining({ code: 'service.unavailable' }));
  });
});
