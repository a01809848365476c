import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FrameOpener, FrameSealer, headBytes, SealedFileError } from './sealed-frames.js';

const key = randomBytes(32);
const texts = ['first\n', 'second\n', 'third\n'].map((text) => Buffer.from(text));

function seal() {
  const sealer = new FrameSealer(key);
  return { head: sealer.head, frames: texts.map((text, i) => sealer.seal(text, i === 2).subarray(4)) };
}

describe('a recording at rest', () => {
  it('is encrypted, and opened with its key, from any frame on', () => {
    const { head, frames } = seal();
    expect(head).toHaveLength(headBytes);
    expect(Buffer.concat([head, ...frames]).includes('second')).toBe(false);
    const opener = new FrameOpener(key, head);
    expect(opener.open(2, frames[2] ?? Buffer.alloc(0))).toEqual({ text: texts[2], last: true });
    expect(opener.open(0, frames[0] ?? Buffer.alloc(0))).toEqual({ text: texts[0], last: false });
  });

  it('says that the key is another one, or that it is no recording', () => {
    const { head } = seal();
    expect(() => new FrameOpener(randomBytes(32), head)).toThrow(/another key/);
    expect(() => new FrameOpener(key, Buffer.from('a file'))).toThrow(/no recording/);
  });

  it('F7: finds frames that were changed, swapped or of another recording', () => {
    const { head, frames } = seal();
    const opener = new FrameOpener(key, head);
    const changed = Buffer.from(frames[1] ?? '');
    changed[5] = (changed[5] ?? 0) ^ 1;
    for (const wrong of [changed, frames[0], frames[2], seal().frames[1], Buffer.alloc(3)])
      expect(() => opener.open(1, wrong ?? Buffer.alloc(0))).toThrow(SealedFileError);
  });
});
