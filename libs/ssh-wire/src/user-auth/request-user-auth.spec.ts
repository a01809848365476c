import { SshWriter } from '@sallyport/ssh-keys';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SshError } from '../ssh-error.js';
import { readHiddenPrompts } from './request-user-auth.js';

describe('readHiddenPrompts, the questions of a server', () => {
  const head = () => new SshWriter().byte(60).string('').string('').string('');

  it('takes one hidden question, or none, and gives the password to no other', () => {
    expect(readHiddenPrompts(head().uint32(1).string('Password: ').boolean(false).bytes())).toBe(1);
    expect(readHiddenPrompts(head().uint32(0).bytes())).toBe(0);
    const [shown, two] = [head().uint32(1).string('Name: ').boolean(true).bytes(), head().uint32(2).bytes()];
    for (const payload of [shown, two]) expect(() => readHiddenPrompts(payload)).toThrow(SshError);
  });

  it('H7: survives any bytes, with its own error only', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.uint8Array({ maxLength: 100 }), (proper, bytes) => {
        try {
          readHiddenPrompts(Buffer.concat([proper ? head().bytes() : Buffer.of(60), bytes]));
        } catch (error) {
          expect(error).toBeInstanceOf(SshError);
        }
      }),
    );
  });
});
