import { describe, expect, it } from 'vitest';
import { compareRecording, hashChunk } from './chunk-hash.js';

const chunks = ['one\n', 'two two\n', 'three\n', 'four four\n'].map((text) => Buffer.from(text));
const whole = Buffer.concat(chunks);
const recorded = { chunks: chunks.map(hashChunk), ...hashChunk(whole) };
const joined = (...order: number[]): Buffer => Buffer.concat(order.map((i) => chunks[i] ?? Buffer.alloc(0)));

describe('a recording beside what the log says of it', () => {
  it('is as it was recorded', () => {
    expect(compareRecording(whole, recorded)).toBeUndefined();
  });

  it('F7: has the place named of what was changed, cut, swapped, added or deleted', () => {
    const changed = Buffer.from(whole);
    changed[13] = (changed[13] ?? 0) ^ 1;
    for (const [what, bytes, said] of [
      ['a byte', changed, 'chunk 3 was changed'],
      ['a chunk deleted', joined(0, 2, 3), 'chunk 2 is missing: chunk 3 stands in its place'],
      ['two swapped', joined(0, 2, 1, 3), 'chunk 2 is missing: chunk 3 stands in its place'],
      ['a byte cut', whole.subarray(0, whole.length - 1), 'chunk 4 is missing: the recording is cut there'],
      ['a chunk cut', joined(0, 1, 2), 'chunk 4 is missing: the recording is cut there'],
      ['more', Buffer.concat([whole, Buffer.from('x')]), 'there is more after chunk 4 than was recorded'],
      ['nothing', Buffer.alloc(0), 'chunk 1 is missing: the recording is cut there'],
    ] as const)
      expect(compareRecording(bytes, recorded), what).toBe(said);
  });

  it('F7: is compared as a whole where not all chunks are known', () => {
    const some = { ...recorded, chunks: recorded.chunks.slice(0, 2) };
    expect(compareRecording(whole, some)).toBeUndefined();
    const changed = Buffer.from(whole);
    changed[13] = 0;
    expect(compareRecording(changed, some)).toBe('what follows chunk 2 was changed');
    expect(compareRecording(joined(0, 1), some)).toBe('chunk 3 is missing: the recording is cut there');
  });
});
