import type { KeyObject } from 'node:crypto';
import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PrivateKey } from './private-key.js';
import { SshFormatError } from './ssh-format-error.js';
import { SshWriter } from './ssh-writer.js';
import { freshKeys } from './testing/fresh-keys.js';

const rsa = freshKeys('rsa').privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const pem = toPem(rsa, 'pkcs8');
const body = pem.replaceAll(/-----[^-]+-----|\n/g, '');

function toPem(
  key: KeyObject,
  type: 'pkcs1' | 'pkcs8' | 'sec1',
  lock?: { cipher: string; passphrase: string },
): string {
  return key.export({ format: 'pem', type, ...lock }).toString();
}

/** An OpenSSH key file of Ed25519, each part open to a change. */
function openssh(change: { cipher?: string; keys?: number; check?: number; padding?: Buffer; halves?: boolean } = {}) {
  const jwk = () => freshKeys('ed25519').privateKey.export({ format: 'jwk' });
  const own = jwk();
  const [x, d] = [own.x ?? '', (change.halves === false ? jwk() : own).d ?? ''].map((text) =>
    Buffer.from(text, 'base64url'),
  );
  const pub = new SshWriter()
    .string('ssh-ed25519')
    .string(x ?? '')
    .bytes();
  const fields = Buffer.concat([d ?? Buffer.alloc(0), x ?? Buffer.alloc(0)]);
  const section = new SshWriter()
    .uint32(7)
    .uint32(change.check ?? 7)
    .string('ssh-ed25519')
    .string(x ?? '')
    .string(fields);
  const inner = Buffer.concat([section.string('12345').bytes(), change.padding ?? Buffer.alloc(0)]);
  const writer = new SshWriter()
    .string(change.cipher ?? 'none')
    .string('none')
    .string('')
    .uint32(change.keys ?? 1);
  const bytes = Buffer.concat([Buffer.from('openssh-key-v1\0'), writer.string(pub).string(inner).bytes()]);
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${bytes.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

function failure(text: string): SshFormatError {
  try {
    PrivateKey.parse(text);
  } catch (error) {
    if (error instanceof SshFormatError) return error;
    throw error;
  }
  throw new Error('the key was taken');
}

describe('PrivateKey.parse', () => {
  const forms: [string, string][] = [
    ['PKCS#1', toPem(rsa, 'pkcs1')],
    ['PKCS#8', pem],
    ['SEC1', toPem(ec, 'sec1')],
    ['PKCS#8 of an EC key', toPem(ec, 'pkcs8')],
    ['OpenSSH', openssh()],
    [
      'SEC1 after its parameters',
      `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${toPem(ec, 'sec1')}`,
    ],
  ];
  it.each(forms)('B7: takes %s, with CRLF, without a last newline, with white space around', (_, text) => {
    const { publicKeyBlob } = PrivateKey.parse(text);
    const variants = [
      text.replaceAll('\n', '\r\n'),
      text.trim(),
      `\n  ${text}\n\n`,
      text.replaceAll('\n', '\n\n'),
      Buffer.from(text),
    ];
    for (const variant of variants) expect(PrivateKey.parse(variant).publicKeyBlob).toEqual(publicKeyBlob);
  });

  const encrypted = { cipher: 'aes-256-cbc', passphrase: 'correct horse' };
  const refused: [string, string, string][] = [
    ['nothing', '', 'bad-pem'],
    ['text that is no PEM', body, 'bad-pem'],
    ['two keys', pem + pem, 'bad-pem'],
    ['text beside the key', `password: hunter2\n${pem}`, 'bad-pem'],
    ['a key without its end', pem.slice(0, -30), 'bad-pem'],
    ['line breaks turned into spaces in the label', pem.replace('BEGIN PRIVATE', 'BEGIN\nPRIVATE'), 'bad-pem'],
    ['a body that is not base64', pem.replace('M', '*'), 'bad-base64'],
    ['a body that is cut', pem.split('\n').toSpliced(4, 1).join('\n'), 'bad-key'],
    ['PKCS#8 with a passphrase', toPem(rsa, 'pkcs8', encrypted), 'encrypted-key'],
    ['PKCS#1 with a passphrase', toPem(rsa, 'pkcs1', encrypted), 'encrypted-key'],
    ['SEC1 with a passphrase', toPem(ec, 'sec1', encrypted), 'encrypted-key'],
    ['a public key', pem.replaceAll('PRIVATE', 'PUBLIC'), 'unknown-key-format'],
    ['RSA of 1024 bits', toPem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey, 'pkcs8'), 'weak-key'],
    ['Ed448', toPem(generateKeyPairSync('ed448').privateKey, 'pkcs8'), 'unknown-key-type'],
    ['X25519', toPem(generateKeyPairSync('x25519').privateKey, 'pkcs8'), 'unknown-key-type'],
    ['RSA-PSS', toPem(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey, 'pkcs8'), 'unknown-key-type'],
    [
      'secp256k1',
      toPem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey, 'pkcs8'),
      'unknown-key-type',
    ],
    ['an encrypted OpenSSH key', openssh({ cipher: 'aes256-ctr' }), 'encrypted-key'],
    ['two keys in one OpenSSH file', openssh({ keys: 2 }), 'bad-key'],
    ['check ints that differ', openssh({ check: 8 }), 'bad-key'],
    ['wrong padding', openssh({ padding: Buffer.alloc(8) }), 'bad-key'],
    ['padding that is no whole block', openssh({ padding: Buffer.of(1) }), 'bad-key'],
    ['an OpenSSH key of two halves of different keys', openssh({ halves: false }), 'key-pair-mismatch'],
    ['30,721 characters', pem + ' '.repeat(30_721 - pem.length), 'too-long'],
  ];
  it.each(refused)('B7: refuses %s and says nothing of it', (_, text, rule) => {
    const error = failure(text);
    expect(error.rule).toBe(rule);
    expect(error.cause).toBeUndefined();
    expect(inspect(error)).not.toContain('hunter2');
    for (let at = 0; at + 12 < body.length; at += 12) expect(inspect(error)).not.toContain(body.slice(at, at + 12));
  });

  it('B7: any damage is refused with its own error, or leaves a key that works', () => {
    const place = fc.tuple(fc.constantFrom(...forms.map(([, text]) => text)), fc.nat(), fc.string({ maxLength: 3 }));
    fc.assert(
      fc.property(place, ([text, at, change]) => {
        const cut = at % text.length;
        try {
          const key = PrivateKey.parse(text.slice(0, cut) + change + text.slice(cut + 1));
          for (const algorithm of key.algorithms) key.sign(algorithm, Buffer.from('data'));
        } catch (error) {
          if (!(error instanceof SshFormatError)) throw error;
        }
      }),
    );
  });
});

describe('PrivateKey', () => {
  it('shows only its public half', () => {
    const key = PrivateKey.parse(pem);
    const { d = '' } = rsa.export({ format: 'jwk' });
    for (const shown of [inspect(key, { depth: 9, showHidden: true }), JSON.stringify(key)]) {
      expect(shown).not.toContain(d.slice(0, 16));
      expect(shown).not.toContain('PrivateKeyObject');
    }
  });

  it('does not sign after it was wiped', () => {
    const key = PrivateKey.parse(pem);
    key.wipe();
    key.wipe();
    expect(() => key.sign('rsa-sha2-512', Buffer.alloc(1))).toThrow(/wiped/);
  });
});
