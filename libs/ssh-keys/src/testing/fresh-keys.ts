import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export type FreshKeyType = 'ed25519' | 'x25519' | 'rsa' | 'P-256' | 'P-384' | 'P-521';

/** For tests that look into keys. */
export interface FreshKeys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/**
 * A new pair. Its halves are read from PEM: Node 20 waits for itself for ever in `export({ format: 'jwk' })` of what its generator
 * gave, when the garbage of the generator is collected meanwhile.
 */
export function freshKeys(type: FreshKeyType, modulusLength = 2_048): FreshKeys {
  const privateKey = createPrivateKey(generated(type, modulusLength).export({ type: 'pkcs8', format: 'pem' }));
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

function generated(type: FreshKeyType, modulusLength: number): KeyObject {
  switch (type) {
    case 'ed25519':
      return generateKeyPairSync('ed25519').privateKey;
    case 'x25519':
      return generateKeyPairSync('x25519').privateKey;
    case 'rsa':
      return generateKeyPairSync('rsa', { modulusLength }).privateKey;
    default:
      return generateKeyPairSync('ec', { namedCurve: type }).privateKey;
  }
}
