import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from './run.js';
import { tempDir } from './temp-dir.js';

export type KeyType = 'ed25519' | 'rsa' | 'ecdsa';

export interface KeyOptions {
  /** RSA 2048 and ECDSA 256 unless told. */
  bits?: number;
  /** How ssh-keygen writes the private key; `pem` is PKCS#1 for RSA and SEC1 for ECDSA. Ed25519 has `openssh` only. */
  format?: 'openssh' | 'pem' | 'pkcs8';
}

/** A key pair without a passphrase, made by ssh-keygen for this run. */
export interface UserKey {
  /** Mode 0600, in a temporary folder; `.pub` beside it. */
  privateKeyFile: string;
  privateKey: string;
  /** One line as in authorized_keys: type, base64, comment. */
  publicKey: string;
  /** `SHA256:` and unpadded base64 of the key blob (RFC 4253 section 6.6). */
  fingerprint: string;
}

const FORMATS = { openssh: 'RFC4716', pem: 'PEM', pkcs8: 'PKCS8' } as const;

export async function makeUserKey(type: KeyType = 'ed25519', options: KeyOptions = {}): Promise<UserKey> {
  const privateKeyFile = join(tempDir(), `id_${type}`);
  const bits = options.bits ?? { rsa: 2048, ecdsa: 256, ed25519: undefined }[type];
  const args = [
    '-q',
    '-t',
    type,
    '-N',
    '',
    '-C',
    'test',
    '-f',
    privateKeyFile,
    '-m',
    FORMATS[options.format ?? 'openssh'],
  ];
  await mustRun('ssh-keygen', bits === undefined ? args : [...args, '-b', String(bits)]);
  return {
    privateKeyFile,
    privateKey: await readFile(privateKeyFile, 'utf8'),
    publicKey: (await readFile(`${privateKeyFile}.pub`, 'utf8')).trim(),
    fingerprint: await fingerprintOf(`${privateKeyFile}.pub`),
  };
}

/** The fingerprint of a public key file, as OpenSSH prints it. */
export async function fingerprintOf(publicKeyFile: string): Promise<string> {
  const line = await mustRun('ssh-keygen', ['-l', '-E', 'sha256', '-f', publicKeyFile]);
  return line.split(' ')[1] ?? '';
}
