import { SshFormatError, SshWriter } from '@sallyport/ssh-keys';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSignatureAlgorithms } from './ext-info.js';

describe('readSignatureAlgorithms', () => {
  it('finds the algorithms among other extensions', () => {
    const message = new SshWriter().byte(7).uint32(2).string('ping@openssh.com').string('0');
    const algorithms = message.string('server-sig-algs').string('ssh-ed25519,rsa-sha2-512').bytes();
    expect(readSignatureAlgorithms(algorithms)).toEqual(['ssh-ed25519', 'rsa-sha2-512']);
  });

  it('H7: survives any bytes, with its own error only', () => {
    const number = fc.constantFrom(0, 1, 2, 1_000, 2 ** 32 - 1);
    fc.assert(
      fc.property(number, fc.uint8Array({ maxLength: 100 }), (count, bytes) => {
        try {
          readSignatureAlgorithms(Buffer.concat([new SshWriter().byte(7).uint32(count).bytes(), bytes]));
        } catch (error) {
          expect(error).toBeInstanceOf(SshFormatError);
        }
      }),
    );
  });
});
