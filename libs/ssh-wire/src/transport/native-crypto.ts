import crypto from 'ssh2/lib/protocol/crypto.js';

/**
 * Whether the native addon of ssh2 was built. Without it everything works, at about an eighth of the throughput;
 * `npm rebuild ssh2` builds it.
 */
export function nativeCryptoAvailable(): boolean {
  return crypto.bindingAvailable;
}
