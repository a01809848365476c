import { describe, expect, it } from 'vitest';
import { Excerpt } from './excerpt.js';

const rules = { burstBytes: 1_000, quietMs: 2_000 };
const text = (length: number): Buffer => Buffer.alloc(length, 'x');

describe('what is kept of a channel without a terminal', () => {
  it('F2: is all that goes at the pace of a person', () => {
    const excerpt = new Excerpt(rules);
    for (let now = 10_000; now < 1_000_000; now += 2_000)
      expect(excerpt.take(text(900), now)).toEqual({ keep: true, leftOut: 0 });
  });

  it('F6: is little of a transfer, however slow and long it is, and how much was left out', () => {
    const excerpt = new Excerpt(rules);
    let kept = 0;
    for (let now = 10_000; now < 10_000_000; now += 1_000) if (excerpt.take(text(100), now).keep) kept += 100;
    expect(kept).toBe(1_000);
    // After a pause a person is seen again.
    expect(excerpt.take(text(10), 10_010_000)).toEqual({ keep: true, leftOut: 9_990 * 100 - 1_000 });
  });

  it('F6: is nothing of binary data', () => {
    const excerpt = new Excerpt(rules);
    expect(excerpt.take(Buffer.from('ELF\0'), 10_000)).toEqual({ keep: false, leftOut: 0 });
    expect(excerpt.take(text(10), 10_001).keep).toBe(false);
    expect(excerpt.takeLeftOut()).toBe(14);
  });

  it('F6: holds the beginning of a text file, and not what is shown behind a burst: both are known limits', () => {
    const excerpt = new Excerpt(rules);
    expect(excerpt.take(Buffer.from('name,salary\n'), 10_000).keep).toBe(true);
    excerpt.take(text(1_000), 10_001);
    expect(excerpt.take(Buffer.from('hidden'), 10_002).keep).toBe(false);
  });
});
