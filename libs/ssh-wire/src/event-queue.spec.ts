import { describe, expect, it } from 'vitest';
import { EventQueue } from './event-queue.js';

describe('EventQueue', () => {
  it('hands out what was pushed before and during the loop, in order, and ends', async () => {
    const queue = new EventQueue<{ n: number }>();
    queue.push({ n: 1 });
    const seen: number[] = [];
    const loop = (async () => {
      for await (const { n } of queue) seen.push(n);
    })();
    await Promise.resolve();
    queue.push({ n: 2 });
    queue.push({ n: 3 });
    queue.end();
    queue.push({ n: 4 });
    await loop;
    expect(seen).toEqual([1, 2, 3]);
  });

  it('refuses to hold more than its limit', () => {
    const queue = new EventQueue<object>({ limit: 1 });
    queue.push({});
    expect(() => {
      queue.push({});
    }).toThrow('too many messages');
  });

  it('merges what waits', async () => {
    const queue = new EventQueue<{ text: string }>({
      absorb: (waiting, next) => {
        const last = waiting.at(-1);
        if (!last || next.text === '!') return false;
        waiting[waiting.length - 1] = { text: last.text + next.text };
        return true;
      },
    });
    for (const text of ['a', 'b', '!', 'c']) queue.push({ text });
    queue.end();
    const seen: string[] = [];
    for await (const { text } of queue) seen.push(text);
    expect(seen).toEqual(['ab', '!c']);
  });
});
