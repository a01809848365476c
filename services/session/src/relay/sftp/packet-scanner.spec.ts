import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut } from '../../testing/tap-ends.js';
import { packet } from '../../testing/sftp-packets.js';
import { MalformedTransfer } from '../malformed-transfer.js';
import { PacketScanner } from './packet-scanner.js';
import type { Part } from './packet-scanner.js';

const HEAD = 20;
/** Type 7 is seen whole. */
const headBytes = (type: number): number => (type === 7 ? Infinity : HEAD);

const anyPacket = fc
  .tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 60 }))
  .map(([type, content]) => ({ type, content: Buffer.from(content) }));
const places = fc.array(fc.nat(), { maxLength: 40 });

function scanAll(chunks: readonly Buffer[]): { parts: Part[]; scanner: PacketScanner } {
  const scanner = new PacketScanner(headBytes);
  return { parts: chunks.flatMap((chunk) => [...scanner.scan(chunk)]), scanner };
}

describe('PacketScanner', () => {
  it('H7: finds the same packets however the stream is cut, and leaves it as it was', () => {
    fc.assert(
      fc.property(fc.array(anyPacket, { maxLength: 12 }), places, (packets, at) => {
        const stream = Buffer.concat(packets.map(({ type, content }) => packet(type, content)));
        const { parts, scanner } = scanAll(cut(stream, at));
        expect(Buffer.concat(parts.map(({ bytes }) => bytes))).toEqual(stream);
        const heads = parts.flatMap(({ head }) => (head ? [{ ...head, content: Buffer.from(head.content) }] : []));
        expect(heads).toEqual(
          packets.map(({ type, content }) => ({ type, content: content.subarray(0, headBytes(type)) })),
        );
        expect(parts.filter(({ ends }) => ends)).toHaveLength(packets.length);
        expect(scanner.atBoundary).toBe(true);
      }),
    );
  });

  it('H7: says of any bytes that they are packets, or that they are not', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (chunks) => {
        try {
          scanAll(chunks.map((chunk) => Buffer.from(chunk)));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedTransfer);
        }
      }),
    );
  });

  it('copies no data', () => {
    const stream = packet(6, Buffer.alloc(1_000_000, 'd'));
    const chunks = cut(stream, [40_000, 80_000, 500_000]);
    const { parts } = scanAll(chunks);
    expect(parts.every(({ bytes }) => bytes.buffer === stream.buffer)).toBe(true);
  });

  it('keeps no more than a head while the rest of it is missing', () => {
    const scanner = new PacketScanner(headBytes);
    const stream = packet(6, Buffer.alloc(1_000_000));
    expect([...scanner.scan(stream.subarray(0, 24))]).toEqual([]);
    expect(scanner.atBoundary).toBe(false);
    const [first] = [...scanner.scan(stream.subarray(24, 25))];
    expect(first).toMatchObject({ ends: false, head: { type: 6 } });
    expect(first?.bytes).toHaveLength(25);
  });

  it.each([
    ['a request of 2^32 - 1 bytes', Buffer.from('ffffffff07', 'hex')],
    ['text in place of sftp', Buffer.from('Welcome to web-1\n')],
    ['a packet without a type', Buffer.from('0000000007', 'hex')],
    ['a request of more than 256 KiB that must be seen whole', Buffer.from('0004000107', 'hex')],
  ])('H7: refuses %s at its first bytes', (_, bytes) => {
    expect(() => [...new PacketScanner(headBytes).scan(bytes)]).toThrow(MalformedTransfer);
  });
});
