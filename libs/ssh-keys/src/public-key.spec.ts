import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAuthorizedKey, parseAuthorizedKey } from './authorized-key.js';
import { fingerprint, formatPublicKeyBlob, parsePublicKeyBlob } from './public-key.js';
import { SshFormatError } from './ssh-format-error.js';
import { SshWriter } from './ssh-writer.js';
import { freshKeys } from './testing/fresh-keys.js';

const ed25519 = formatPublicKeyBlob(freshKeys('ed25519').publicKey);
const rsa = formatPublicKeyBlob(freshKeys('rsa').publicKey);
const ecdsa = (['P-256', 'P-384', 'P-521'] as const).map((namedCurve) =>
  formatPublicKeyBlob(freshKeys(namedCurve).publicKey),
);
const all = [ed25519, rsa, ...ecdsa];

function ruleOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof SshFormatError) return error.rule;
    throw error;
  }
  return 'none';
}

describe('parsePublicKeyBlob', () => {
  it.each(all.map((key) => [key.type, key] as const))('takes %s and gives the same blob again', (type, { blob }) => {
    const parsed = parsePublicKeyBlob(blob);
    expect(parsed.type).toBe(type);
    expect(formatPublicKeyBlob(parsed.key).blob).toEqual(blob);
  });

  it('refuses RSA below 2048 bits', () => {
    const { publicKey } = freshKeys('rsa', 1_024);
    expect(ruleOf(() => formatPublicKeyBlob(publicKey))).toBe('weak-key');
    const { e = '', n = '' } = publicKey.export({ format: 'jwk' });
    const writer = new SshWriter().string('ssh-rsa').mpint(Buffer.from(e, 'base64url'));
    expect(ruleOf(() => parsePublicKeyBlob(writer.mpint(Buffer.from(n, 'base64url')).bytes()))).toBe('weak-key');
  });

  it.each([
    ['an even RSA exponent', new SshWriter().string('ssh-rsa').mpint(Buffer.of(4)), 'bad-key'],
    ['an RSA exponent of one', new SshWriter().string('ssh-rsa').mpint(Buffer.of(1)), 'bad-key'],
    ['a short Ed25519 key', new SshWriter().string('ssh-ed25519').string(Buffer.alloc(31)), 'bad-key'],
    ['the curve of another type', new SshWriter().string('ecdsa-sha2-nistp256').string('nistp384'), 'bad-key'],
    ['a key of WebAuthn', new SshWriter().string('webauthn-sk-ecdsa-sha2-nistp256@openssh.com'), 'unknown-key-type'],
    ['DSA', new SshWriter().string('ssh-dss'), 'unknown-key-type'],
    ['a certificate', new SshWriter().string('ssh-ed25519-cert-v01@openssh.com'), 'unknown-key-type'],
  ])('refuses %s', (_, writer, rule) => {
    const blob = rule === 'unknown-key-type' ? writer.bytes() : writer.string(Buffer.alloc(300, 0x7f)).bytes();
    expect(ruleOf(() => parsePublicKeyBlob(blob))).toBe(rule);
  });

  it('refuses a point that is not on its curve, and a compressed one', () => {
    const point = (bytes: Buffer): Buffer =>
      new SshWriter().string('ecdsa-sha2-nistp256').string('nistp256').string(bytes).bytes();
    expect(ruleOf(() => parsePublicKeyBlob(point(Buffer.concat([Buffer.of(4), Buffer.alloc(64, 1)]))))).toBe('bad-key');
    expect(ruleOf(() => parsePublicKeyBlob(point(Buffer.concat([Buffer.of(2), Buffer.alloc(32, 1)]))))).toBe('bad-key');
  });

  it('never fails other than by its own error, and takes no two encodings of one key', () => {
    const damaged = fc
      .tuple(fc.constantFrom(...all), fc.nat(), fc.integer({ min: 0, max: 255 }))
      .map(([key, place, value]) => {
        const bytes = Buffer.from(key.blob);
        bytes[place % bytes.length] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
        try {
          expect([...formatPublicKeyBlob(parsePublicKeyBlob(bytes).key).blob]).toEqual([...bytes]);
        } catch (error) {
          if (!(error instanceof SshFormatError)) throw error;
        }
      }),
    );
  });
});

describe('parseAuthorizedKey', () => {
  const line = (comment: string): string => formatAuthorizedKey({ ...ed25519, comment });

  it.each(['', 'alice@laptop', 'two words, “quoted”'])('takes a line with the comment "%s"', (comment) => {
    expect(parseAuthorizedKey(`  ${line(comment)}\r\n`)).toEqual({ ...ed25519, comment });
  });

  it.each([
    ['options', `command="id" ${line('')}`, 'bad-line'],
    ['a second line', `${line('a')}\n${line('b')}`, 'bad-line'],
    ['no key', 'ssh-ed25519', 'bad-line'],
    ['the type of another key', line('').replace('ssh-ed25519', 'ssh-rsa'), 'bad-line'],
    ['base64 with bits left over', 'ssh-ed25519 AB==', 'bad-base64'],
    ['8193 characters', line('c'.repeat(8193)), 'too-long'],
    ['a private key', '-----BEGIN PRIVATE KEY-----', 'bad-line'],
  ])('refuses %s', (_, text, rule) => {
    expect(ruleOf(() => parseAuthorizedKey(text))).toBe(rule);
  });

  it('never fails other than by its own error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(ruleOf(() => parseAuthorizedKey(`ssh-ed25519 ${text}`))).not.toBe('none');
      }),
    );
  });
});

describe('fingerprint', () => {
  it('is SHA256 and unpadded base64', () => {
    const expected = createHash('sha256')
      .update(ed25519.blob)
      .digest('base64url')
      .replaceAll('-', '+')
      .replaceAll('_', '/');
    expect(fingerprint(ed25519.blob)).toBe(`SHA256:${expected}`);
  });
});
