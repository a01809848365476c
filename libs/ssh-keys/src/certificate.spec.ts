import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CERTIFICATE_LIMIT_BYTES, parseCertificate, readOptionText } from './certificate.js';
import { CERTIFICATE_ALGORITHMS, certifiedKeyType, plainAlgorithm } from './certificate-type.js';
import { PrivateKey } from './private-key.js';
import { SshFormatError } from './ssh-format-error.js';
import { newKey, softAuthenticator, softCertificate } from './testing/index.js';

const authority = newKey();
const key = newKey();

describe('a certificate', () => {
  it('is read to its last field, and holds by the signature of its authority', () => {
    const certificate = parseCertificate(
      softCertificate(authority, key.publicKeyBlob, {
        ...{ serial: 2n ** 64n - 1n, keyId: 'alice at work', principals: ['alice', 'bob'] },
        ...{ validAfter: 10n, validBefore: 20n },
        criticalOptions: [['force-command', 'uptime']],
        extensions: [['permit-pty'], ['x@example.com', '']],
      }),
    );
    expect(certificate).toMatchObject({
      ...{ kind: 'user', keyType: 'ssh-ed25519', serial: 2n ** 64n - 1n, keyId: 'alice at work' },
      ...{ principals: ['alice', 'bob'], validAfter: 10n, validBefore: 20n },
      ...{ publicKeyBlob: key.publicKeyBlob, authorityBlob: authority.publicKeyBlob },
    });
    expect(readOptionText(certificate.criticalOptions.get('force-command') ?? Buffer.alloc(0))).toBe('uptime');
    expect([...certificate.extensions.keys()]).toEqual(['permit-pty', 'x@example.com']);
    expect(certificate.isSigned()).toBe(true);
  });

  it.each(['sk-ssh-ed25519@openssh.com', 'sk-ecdsa-sha2-nistp256@openssh.com'] as const)('may be for a %s', (type) => {
    const { publicKeyBlob } = softAuthenticator(type);
    const certificate = parseCertificate(softCertificate(authority, publicKeyBlob));
    expect(certificate).toMatchObject({ keyType: type, publicKeyBlob });
    expect(certificate.isSigned()).toBe(true);
  });

  it('holds no longer when any bit of it is changed', () => {
    const bytes = softCertificate(authority, key.publicKeyBlob, { extensions: [['permit-pty']] });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);
        expect(signed(changed)).toBe(false);
      }),
    );
  });

  it('is one to its last byte, and is refused when it is anything else', () => {
    const bytes = softCertificate(authority, key.publicKeyBlob);
    for (let length = 0; length < bytes.length; length += 1)
      expect(() => parseCertificate(bytes.subarray(0, length))).toThrow(SshFormatError);
    expect(() => parseCertificate(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(SshFormatError);
    expect(() => parseCertificate(key.publicKeyBlob)).toThrow(SshFormatError);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 512 }), (noise) => !signed(Buffer.from(noise))));
  });

  it.each([
    ['a kind that is neither user nor host', { kind: 3 }],
    [
      'an option twice',
      {
        criticalOptions: [
          ['force-command', 'a'],
          ['force-command', 'b'],
        ] as const,
      },
    ],
    ['more principals than OpenSSH takes', { principals: Array.from({ length: 257 }, () => 'a') }],
    ['the type of another key', { type: 'ssh-rsa-cert-v01@openssh.com' }],
    ['a type that nobody knows', { type: 'ssh-dss-cert-v01@openssh.com' }],
    ['more bytes than there may be', { keyId: 'k', principals: Array.from({ length: 20 }, () => 'a'.repeat(1_000)) }],
  ])('is refused with %s', (_, fields) => {
    expect(() => parseCertificate(softCertificate(authority, key.publicKeyBlob, fields))).toThrow(SshFormatError);
  });

  it('is none when a certificate signed it, or an authority with RSA below 2048 bits', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    expect(() => PrivateKey.parse(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())).toThrow();
    const chained = softCertificate(authority, key.publicKeyBlob).toString('latin1');
    const inner = authority.publicKeyBlob.toString('latin1');
    const length = (bytes: number): string => String.fromCharCode(0, 0, bytes >> 8, bytes & 255);
    const swapped = chained.replace(length(inner.length) + inner, length(chained.length) + chained);
    expect(() => parseCertificate(Buffer.from(swapped, 'latin1'))).toThrow(SshFormatError);
    expect(chained.length).toBeLessThan(CERTIFICATE_LIMIT_BYTES);
  });
});

describe('the algorithms of certificates', () => {
  it('stand for what signs, and none of them for SHA-1', () => {
    expect(plainAlgorithm('rsa-sha2-512-cert-v01@openssh.com')).toBe('rsa-sha2-512');
    expect(plainAlgorithm('ssh-ed25519-cert-v01@openssh.com')).toBe('ssh-ed25519');
    expect(plainAlgorithm('sk-ssh-ed25519-cert-v01@openssh.com')).toBe('sk-ssh-ed25519@openssh.com');
    for (const name of ['ssh-rsa-cert-v01@openssh.com', 'rsa-sha2-512', 'ssh-dss-cert-v01@openssh.com'])
      expect(plainAlgorithm(name)).toBeUndefined();
    expect(CERTIFICATE_ALGORITHMS).toHaveLength(8);
    expect(certifiedKeyType('rsa-sha2-512-cert-v01@openssh.com')).toBeUndefined();
  });
});

function signed(bytes: Buffer): boolean {
  try {
    return parseCertificate(bytes).isSigned();
  } catch (error) {
    if (error instanceof SshFormatError) return false;
    throw error;
  }
}
