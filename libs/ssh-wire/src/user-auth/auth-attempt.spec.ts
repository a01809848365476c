import { SshFormatError, SshWriter } from '@sallyport/ssh-keys';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SshError } from '../ssh-error.js';
import { readAuthAttempt } from './auth-attempt.js';

const sessionId = Buffer.from('5e551001', 'hex');
const head = (method: string): SshWriter =>
  new SshWriter().byte(50).string('alice@root@web-1').string('ssh-connection').string(method);

describe('readAuthAttempt', () => {
  it('reads a password, byte for byte', () => {
    // byte 50, "bob", "ssh-connection", "password", FALSE, "p\xc3\xa4\0" (RFC 4252 section 8)
    const packet = Buffer.from(
      '3200000003626f620000000e7373682d636f6e6e656374696f6e0000000870617373776f72640000000004' + '70c3a400',
      'hex',
    );
    expect(readAuthAttempt(packet, sessionId)).toEqual({
      method: 'password',
      user: 'bob',
      password: Buffer.from('70c3a400', 'hex'),
    });
  });

  it('knows a key that is only offered from one that signed, and gives the bytes that were signed', () => {
    const offered = head('publickey').boolean(false).string('ssh-ed25519').string('BLOB').bytes();
    expect(readAuthAttempt(offered, sessionId)).toMatchObject({ method: 'publickey-query', algorithm: 'ssh-ed25519' });

    const covered = head('publickey').boolean(true).string('rsa-sha2-512').string('BLOB').bytes();
    const packet = Buffer.concat([covered, new SshWriter().string('SIGNATURE').bytes()]);
    expect(readAuthAttempt(packet, sessionId)).toMatchObject({
      method: 'publickey',
      algorithm: 'rsa-sha2-512',
      publicKey: Buffer.from('BLOB'),
      signed: Buffer.concat([new SshWriter().string(sessionId).bytes(), covered]),
      signature: Buffer.from('SIGNATURE'),
    });
  });

  it('names methods that it does not know', () => {
    expect(readAuthAttempt(head('hostbased').bytes(), sessionId)).toMatchObject({ name: 'hostbased' });
    expect(readAuthAttempt(head('none').bytes(), sessionId)).toMatchObject({ method: 'none' });
  });

  it('A7: knows who would answer questions, whatever language and submethods are hinted at', () => {
    const packet = head('keyboard-interactive').string('en').string('pam,otp').bytes();
    expect(readAuthAttempt(packet, sessionId)).toEqual({ method: 'keyboard-interactive', user: 'alice@root@web-1' });
  });

  it('refuses another service', () => {
    const packet = new SshWriter().byte(50).string('bob').string('ssh-userauth').string('none').bytes();
    expect(() => readAuthAttempt(packet, sessionId)).toThrow('unknown service');
  });

  it('H7: survives any bytes, with its own errors only', () => {
    const truths = [
      head('publickey').boolean(true).string('ssh-rsa').string('KEY').string('SIG').bytes(),
      head('password').boolean(false).string('secret').bytes(),
      head('keyboard-interactive').string('').string('pam').bytes(),
    ];
    const place = fc.nat(Math.max(...truths.map((each) => each.length)));
    const mutated = fc
      .tuple(fc.constantFrom(...truths), place, fc.nat(255), place)
      .map(([truth, at, value, length]) => {
        const copy = Buffer.from(truth);
        copy[at] = value;
        return copy.subarray(0, length);
      });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }).map((a) => Buffer.from(a)),
          mutated,
        ),
        (bytes) => {
          try {
            readAuthAttempt(bytes, sessionId);
          } catch (error) {
            expect(error instanceof SshError || error instanceof SshFormatError).toBe(true);
          }
        },
      ),
    );
  });
});
