import { CERTIFICATE_ALGORITHMS } from '@sallyport/ssh-keys';
import { MLKEM768_X25519 } from './mlkem768x25519.js';
import type { Offer } from 'ssh2/lib/protocol/Protocol.js';

/**
 * Modern algorithms only, best first: nothing with SHA-1 or CBC, no Diffie-Hellman below 2048 bits, no compression.
 * ssh2 adds `ext-info-c` and strict key exchange (`kex-strict-*-v00@openssh.com`) itself.
 */
export const kex = [
  MLKEM768_X25519,
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group14-sha256',
];
export const ciphers = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
];
export const macs = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
];

/** Host key algorithms that we take from a peer, best first. */
export const hostKeyAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;

/** Signature algorithms that a client may use to log on to us (`server-sig-algs`, RFC 8308 section 3.1). */
export const clientSignatureAlgorithms = [
  ...hostKeyAlgorithms,
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
  ...CERTIFICATE_ALGORITHMS,
];

/** A fresh offer for one connection: ssh2 writes into it. */
export function makeOffer(serverHostKey: readonly string[]): Offer {
  const direction = () => ({ cipher: [...ciphers], mac: [...macs], compress: ['none'], lang: [] });
  return { kex: [...kex], serverHostKey: [...serverHostKey], cs: direction(), sc: direction() };
}
