import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Utf8Pieces, type Piece } from './utf8-pieces.js';

function pieces(bytes: Buffer, cuts: readonly number[]): Piece[] {
  const stream = new Utf8Pieces();
  const found: (Piece | undefined)[] = [];
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    found.push(stream.push(bytes.subarray(from, Math.max(from, cut))));
    from = Math.max(from, cut);
  }
  found.push(stream.push(bytes.subarray(from)), stream.end());
  return found.filter((piece) => piece !== undefined);
}
const bytesOf = ({ text, bytes }: Piece): Buffer => bytes ?? Buffer.from(text);

describe('text made of a stream of bytes', () => {
  it('D15: has each character whole, wherever packets cut it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat(200)), (text, cuts) => {
        const found = pieces(Buffer.from(text), cuts);
        expect(found.map((piece) => piece.text).join('')).toBe(text);
        expect(found.every((piece) => piece.bytes === undefined)).toBe(true);
      }),
    );
  });

  it('D15: loses no byte of what is no UTF-8', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.array(fc.nat(64)), (bytes, cuts) => {
        expect(Buffer.concat(pieces(Buffer.from(bytes), cuts).map(bytesOf))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('waits for the rest of a character, and no longer than for that', () => {
    const stream = new Utf8Pieces();
    expect(stream.push(Buffer.from('e282', 'hex'))).toBeUndefined();
    expect(stream.push(Buffer.from('ac41c4', 'hex'))).toEqual({ text: '€A' });
    expect(stream.push(Buffer.from('e3', 'hex'))?.bytes?.toString('hex')).toBe('c4');
    expect(stream.end()?.bytes?.toString('hex')).toBe('e3');
  });
});
