import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SshFormatError } from './ssh-format-error.js';
import { SshWriter } from './ssh-writer.js';
import { formatUserauthRequest, parseUserauthRequest } from './userauth-request.js';

const request = {
  sessionId: Buffer.alloc(32, 7),
  userName: 'root',
  serviceName: 'ssh-connection',
  algorithm: 'ssh-ed25519',
  publicKeyBlob: Buffer.from('a key blob'),
};

/** The layout once more, with each field open to a change. */
function encode(change: { number?: number; method?: string; flag?: number; userName?: Uint8Array } = {}): Buffer {
  return new SshWriter()
    .string(request.sessionId)
    .byte(change.number ?? 50)
    .string(change.userName ?? request.userName)
    .string(request.serviceName)
    .string(change.method ?? 'publickey')
    .byte(change.flag ?? 1)
    .string(request.algorithm)
    .string(request.publicKeyBlob)
    .bytes();
}

const anyRequest = fc.record({
  sessionId: fc.uint8Array({ minLength: 1, maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  userName: fc.string({ unit: 'grapheme', maxLength: 40 }),
  serviceName: fc.string({ unit: 'grapheme-ascii', maxLength: 64 }),
  algorithm: fc.string({ unit: 'grapheme-ascii', maxLength: 64 }),
  publicKeyBlob: fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
});

describe('parseUserauthRequest', () => {
  it('B12: reads a request and writes the same bytes again', () => {
    expect(parseUserauthRequest(encode())).toEqual(request);
    expect(formatUserauthRequest(request)).toEqual(encode());
  });

  it.each([
    ['another message number', encode({ number: 51 })],
    ['another method', encode({ method: 'hostbased' })],
    ['the host-bound method', encode({ method: 'publickey-hostbound-v00@openssh.com' })],
    ['a query without a signature', encode({ flag: 0 })],
    ['a boolean that is neither 0 nor 1', encode({ flag: 2 })],
    ['a user name that is not UTF-8', encode({ userName: Uint8Array.of(0xff) })],
    ['a byte after the end', Buffer.concat([encode(), Buffer.alloc(1)])],
    ['no session identifier', formatUserauthRequest({ ...request, sessionId: Buffer.alloc(0) })],
    ['a session identifier of 65 bytes', formatUserauthRequest({ ...request, sessionId: Buffer.alloc(65) })],
    ['nothing at all', Buffer.alloc(0)],
    ['an SSHSIG blob', Buffer.concat([Buffer.from('SSHSIG'), encode()])],
  ])('B12: refuses %s', (_, bytes) => {
    expect(() => parseUserauthRequest(bytes)).toThrow(SshFormatError);
  });

  it('B12: refuses a request that is cut anywhere', () => {
    const whole = encode();
    for (let length = 0; length < whole.length; length++) {
      expect(() => parseUserauthRequest(whole.subarray(0, length))).toThrow(SshFormatError);
    }
  });

  it('B12: gives back every request that the writer can write', () => {
    fc.assert(
      fc.property(anyRequest, (any) => {
        expect(parseUserauthRequest(formatUserauthRequest(any))).toEqual(any);
      }),
    );
  });

  it('B12: any bytes are refused with its own error or are exactly what they parse to', () => {
    const damaged = fc.tuple(anyRequest, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([any, place, value]) => {
      const bytes = formatUserauthRequest(any);
      bytes[place % bytes.length] = value;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
        try {
          expect([...formatUserauthRequest(parseUserauthRequest(bytes))]).toEqual([...bytes]);
        } catch (error) {
          if (!(error instanceof SshFormatError)) throw error;
        }
      }),
    );
  });
});
