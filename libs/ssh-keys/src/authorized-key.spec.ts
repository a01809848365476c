import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAuthorizedKey, parseAuthorizedKey } from './authorized-key.js';
import { SshFormatError } from './ssh-format-error.js';

const line =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEqIzsGsvh0Vw2t4WBBjmHWjY5lTcXpyKiQ7vVvkzU0T alice@laptop in the office';

describe('parseAuthorizedKey', () => {
  it('H7: survives any line, with its own error only, and what it takes it writes alike', () => {
    const cut = fc
      .tuple(fc.nat(line.length), fc.string({ maxLength: 4, unit: 'binary' }), fc.nat(4))
      .map(([at, put, gone]) => line.slice(0, at) + put + line.slice(at + gone));
    fc.assert(
      fc.property(fc.oneof(cut, fc.string({ unit: 'binary' })), (text) => {
        try {
          const key = parseAuthorizedKey(text);
          expect(parseAuthorizedKey(formatAuthorizedKey(key))).toEqual(key);
        } catch (error) {
          expect(error).toBeInstanceOf(SshFormatError);
        }
      }),
    );
  });
});
