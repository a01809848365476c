import type { webcrypto } from 'node:crypto';

// The types of @hpke/core name those of WebCrypto where browsers have them.
declare global {
  type CryptoKey = webcrypto.CryptoKey;
  type CryptoKeyPair = webcrypto.CryptoKeyPair;
  type JsonWebKey = webcrypto.JsonWebKey;
}
