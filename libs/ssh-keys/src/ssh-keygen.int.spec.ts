import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAuthorizedKey } from './authorized-key.js';
import { parseCertificate, readOptionText } from './certificate.js';
import { PrivateKey } from './private-key.js';
import { fingerprint } from './public-key.js';
import { softAuthenticator } from './testing/index.js';
import { verifySignature } from './signature.js';
import { SshReader } from './ssh-reader.js';
import { SshWriter } from './ssh-writer.js';

/** Real keys and real signatures of OpenSSH's own ssh-keygen, both ways. */
const folder = mkdtempSync(join(tmpdir(), 'ssh-keys-'));
const keygen = (...args: string[]): string => execFileSync('ssh-keygen', args, { encoding: 'utf8', stdio: 'pipe' });

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const kinds = [
  ['ed25519', '256'],
  ['rsa', '2048'],
  ['rsa', '3072'],
  ['ecdsa', '256'],
  ['ecdsa', '384'],
  ['ecdsa', '521'],
] as const;
const forms = ['RFC4716', 'PKCS8', 'PEM'];
const keys = kinds.flatMap(([type, bits]) =>
  forms.map((form) => ({ type, bits, form, file: join(folder, `${type}${bits}${form}`) })),
);

/** SSHSIG (OpenSSH's PROTOCOL.sshsig): what `ssh-keygen -Y sign` puts around a signature. */
const signedData = (hash: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from('SSHSIG'),
    new SshWriter().string('test').string('').string('sha512').string(hash).bytes(),
  ]);
const armour = (blob: Buffer): string =>
  `-----BEGIN SSH SIGNATURE-----\n${blob.toString('base64')}\n-----END SSH SIGNATURE-----\n`;

describe.each(keys)('a key of ssh-keygen -t $type -b $bits -m $form', ({ type, bits, form, file }) => {
  beforeAll(() => {
    keygen('-q', '-t', type, '-b', bits, '-m', form, '-N', '', '-C', 'a comment', '-f', file);
    writeFileSync(join(folder, 'message'), 'message');
  });

  it('B7: is read, with the public key and fingerprint that ssh-keygen says', () => {
    const line = parseAuthorizedKey(readFileSync(`${file}.pub`, 'utf8'));
    expect(line.comment).toBe('a comment');
    expect(PrivateKey.parse(readFileSync(file)).publicKeyBlob).toEqual(line.blob);
    expect(keygen('-l', '-f', `${file}.pub`).split(' ')[1]).toBe(fingerprint(line.blob));
  });

  it('B7: makes signatures that ssh-keygen takes, and takes those of ssh-keygen', () => {
    const key = PrivateKey.parse(readFileSync(file));
    const { publicKeyBlob } = key;
    keygen('-q', '-Y', 'sign', '-n', 'test', '-f', file, join(folder, 'message'));
    const armoured = readFileSync(join(folder, 'message.sig'), 'utf8').replaceAll(/-----[^-]+-----|\n/g, '');
    rmSync(join(folder, 'message.sig'));
    const reader = new SshReader(Buffer.from(armoured, 'base64').subarray(6 + 4));
    for (let field = 0; field < 4; field++) reader.string();
    const signatureBlob = reader.string();
    const algorithm = new SshReader(signatureBlob).text();
    const data = signedData(createHash('sha512').update('message').digest());
    expect(verifySignature({ publicKeyBlob, algorithm, data, signatureBlob })).toBe(true);

    writeFileSync(join(folder, 'signers'), `tester ${readFileSync(`${file}.pub`, 'utf8')}`);
    for (const own of key.algorithms) {
      const fields = new SshWriter().uint32(1).string(publicKeyBlob).string('test').string('').string('sha512');
      const blob = Buffer.concat([Buffer.from('SSHSIG'), fields.string(key.sign(own, data)).bytes()]);
      writeFileSync(join(folder, 'own.sig'), armour(blob));
      const args = [
        '-Y',
        'verify',
        '-n',
        'test',
        '-I',
        'tester',
        '-f',
        join(folder, 'signers'),
        '-s',
        join(folder, 'own.sig'),
      ];
      expect(execFileSync('ssh-keygen', args, { input: 'message', encoding: 'utf8' })).toContain(
        'Good "test" signature',
      );
    }
  });

  it('B7: is refused with a passphrase on it', () => {
    const locked = `${file}-locked`;
    keygen('-q', '-t', type, '-b', bits, '-m', form, '-N', 'a passphrase', '-f', locked);
    expect(() => PrivateKey.parse(readFileSync(locked))).toThrow('the private key is encrypted');
  });
});

describe('signatures of our stand-in for an authenticator', () => {
  it.each(['sk-ssh-ed25519@openssh.com', 'sk-ecdsa-sha2-nistp256@openssh.com'] as const)(
    'are what OpenSSH takes for those of a key of type %s',
    (type) => {
      const key = softAuthenticator(type);
      const data = Buffer.from('a message');
      const parts = new SshWriter().string(key.publicKeyBlob).string('test').string('').string('sha512');
      const signature = key.sign(signedData(createHash('sha512').update(data).digest()));
      const blob = Buffer.concat([Buffer.from('SSHSIG\0\0\0\x01', 'latin1'), parts.string(signature).bytes()]);
      const [signers, file] = [join(folder, `${type}.signers`), join(folder, `${type}.sig`)];
      writeFileSync(signers, `alice ${type} ${key.publicKeyBlob.toString('base64')}\n`);
      const lines = blob.toString('base64').replace(/.{1,70}/g, '$&\n');
      writeFileSync(file, `-----BEGIN SSH SIGNATURE-----\n${lines}-----END SSH SIGNATURE-----\n`);
      const args = ['-Y', 'verify', '-f', signers, '-I', 'alice', '-n', 'test', '-s', file];
      expect(execFileSync('ssh-keygen', args, { input: data, encoding: 'utf8' })).toContain('Good "test" signature');
    },
  );
});

describe.each([
  ['ed25519', '256', []],
  ['ecdsa', '384', []],
  ['rsa', '2048', ['-t', 'rsa-sha2-256']],
  ['rsa', '2048', ['-t', 'rsa-sha2-512']],
  ['rsa', '2048', ['-t', 'ssh-rsa']],
] as const)('an authority of ssh-keygen -t %s -b %s, signing by %s', (type, bits, by) => {
  const ca = join(folder, `ca-${type}-${by[1] ?? ''}`);
  beforeAll(() => {
    keygen('-q', '-t', type, '-b', bits, '-N', '', '-f', ca);
  });

  it.each(type === 'ed25519' ? kinds.filter(([, length]) => length !== '3072') : kinds.slice(0, 1))(
    'certifies a key of -t %s -b %s',
    (keyType, keyBits) => {
      const user = join(folder, `user-${randomUUID()}`);
      keygen('-q', '-t', keyType, '-b', keyBits, '-N', '', '-f', user);
      const options = [
        '-O',
        'clear',
        '-O',
        'force-command=id -u',
        '-O',
        'source-address=192.0.2.0/24',
        '-O',
        'permit-pty',
      ];
      const validity = ['-V', '20200101000000Z:20300101000000Z'];
      keygen(
        '-q',
        '-s',
        ca,
        ...by,
        '-I',
        'key id',
        '-n',
        'alice,bob',
        '-z',
        '42',
        ...validity,
        ...options,
        `${user}.pub`,
      );
      const [, base64 = ''] = readFileSync(`${user}-cert.pub`, 'utf8').split(' ');
      const certificate = parseCertificate(Buffer.from(base64, 'base64'));
      expect(certificate).toMatchObject({
        ...{ kind: 'user', serial: 42n, keyId: 'key id', principals: ['alice', 'bob'] },
        ...{ validAfter: 1577836800n, validBefore: 1893456000n },
        publicKeyBlob: parseAuthorizedKey(readFileSync(`${user}.pub`, 'utf8')).blob,
        authorityBlob: parseAuthorizedKey(readFileSync(`${ca}.pub`, 'utf8')).blob,
      });
      expect([...certificate.criticalOptions.keys()]).toEqual(['force-command', 'source-address']);
      expect(readOptionText(certificate.criticalOptions.get('force-command') ?? Buffer.alloc(0))).toBe('id -u');
      expect([...certificate.extensions.keys()]).toEqual(['permit-pty']);
      // RSA with SHA-1 is what `-t ssh-rsa` asks for, and what nobody takes.
      expect(certificate.isSigned()).toBe(by[1] !== 'ssh-rsa');
    },
  );
});
