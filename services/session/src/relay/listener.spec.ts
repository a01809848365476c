import { SshFormatError } from '@sallyport/ssh-keys';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chosenPort, readListener } from './listener.js';

describe('readListener and chosenPort', () => {
  const names = ['tcpip-forward', 'streamlocal-forward@openssh.com'].flatMap((name) => [name, `cancel-${name}`]);

  it('H7: survive any payload, with the one declared error', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names, 'x'), fc.uint8Array({ maxLength: 64 }), (name, bytes) => {
        const payload = Buffer.from(bytes);
        chosenPort(payload);
        try {
          expect(readListener({ name, payload })?.act).toBe(
            name === 'x' ? undefined : name.startsWith('cancel-') ? 'close' : 'open',
          );
        } catch (error) {
          expect(error).toBeInstanceOf(SshFormatError);
        }
      }),
    );
  });
});
