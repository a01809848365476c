import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { StateFolder } from './state-folder.js';

/** A key pair in PEM (PKCS#8 and SPKI), as two files; the first start makes it. */
export interface KeyFiles {
  privateKeyFile: string;
  publicKeyFile: string;
}

/** @param type Ed25519 for signatures, X25519 for sealing */
export function keyFiles(state: StateFolder, name: string, type: 'ed25519' | 'x25519'): KeyFiles {
  const pem = state.secret(`${name}.pem`, () => {
    const { privateKey } = type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519');
    return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  });
  const publicKeyFile = state.secretFile(`${name}.pub.pem`);
  writeFileSync(publicKeyFile, createPublicKey(createPrivateKey(pem)).export({ type: 'spki', format: 'pem' }));
  return { privateKeyFile: state.secretFile(`${name}.pem`), publicKeyFile };
}
