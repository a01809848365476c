import crypto from 'ssh2/lib/protocol/crypto.js';
import { expect, it } from 'vitest';

/** tools/patches: the padding of many packets is drawn at once. */
it('pads each packet with random bytes of its own', () => {
  const cipher = new crypto.NullCipher(0, () => undefined);
  // A payload of 8 bytes gets 11 of padding (RFC 4253, section 6); 16 KiB are drawn at once, which is 1,489 packets.
  const paddings = Array.from({ length: 5_000 }, () => {
    const packet = cipher.allocPacket(8);
    expect([packet.length, packet[4]]).toEqual([24, 11]);
    return packet.subarray(13);
  });
  expect(new Set(paddings.map((padding) => padding.toString('hex'))).size).toBe(5_000);
  // Random bytes have each bit set in half of all cases; 55,000 bytes do not stray by more than two in a hundred.
  const ones = Buffer.concat(paddings).reduce((sum, byte) => sum + (byte.toString(2).match(/1/g)?.length ?? 0), 0);
  expect(ones / (5_000 * 11 * 8)).toBeCloseTo(0.5, 1);
});
