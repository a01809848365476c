import { generateKeyPair, randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import { openSshPublicKey } from '../instances/ssh-keys.js';

/** Letters, digits and signs that no shell or `chpasswd` line trips over. */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789-_=+@%^';

/** 32 random characters, as KMS makes a password. */
export function newPassword(): string {
  return Array.from({ length: 32 }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}

/** An RSA-2048 pair, as KMS makes an SSH key: private PKCS#1 PEM, public OpenSSH. */
export async function newSshKeyPair(): Promise<{ publicKey: string; privateKey: string }> {
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  return { publicKey: openSshPublicKey(pair.privateKey), privateKey: pair.privateKey };
}
