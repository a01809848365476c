/** Keys in the hands of software (RFC 4253 section 6.6, RFC 5656 section 3.1, RFC 8709 section 4). */
const SOFTWARE_KEY_TYPES = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
] as const;
export type SoftwareKeyType = (typeof SOFTWARE_KEY_TYPES)[number];

/** Keys that live in a FIDO authenticator, of persons and never of hosts (OpenSSH's PROTOCOL.u2f). */
const SECURITY_KEY_TYPES = ['sk-ssh-ed25519@openssh.com', 'sk-ecdsa-sha2-nistp256@openssh.com'] as const;
export type SecurityKeyType = (typeof SECURITY_KEY_TYPES)[number];

/** Key types that we take, by their names on the wire. */
export const KEY_TYPES = [...SOFTWARE_KEY_TYPES, ...SECURITY_KEY_TYPES] as const;
export type KeyType = (typeof KEY_TYPES)[number];

/** Signature algorithms that we take. `ssh-rsa`, which is RSA with SHA-1, is not among them (RFC 8332 section 2). */
export type SignatureAlgorithm = Exclude<KeyType, 'ssh-rsa'> | 'rsa-sha2-256' | 'rsa-sha2-512';

/** What a key of each type can sign with, best first. */
export const SIGNATURE_ALGORITHMS: Readonly<Record<KeyType, readonly SignatureAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
  'sk-ssh-ed25519@openssh.com': ['sk-ssh-ed25519@openssh.com'],
  'sk-ecdsa-sha2-nistp256@openssh.com': ['sk-ecdsa-sha2-nistp256@openssh.com'],
};

/** Fewest and most bits of an RSA modulus. OpenSSL verifies none that is larger. */
export const RSA_BITS = { least: 2048, most: 16_384 } as const;

export interface Curve {
  /** Name in the key blob, RFC 5656 section 10.1. */
  readonly ssh: string;
  /** Name in a JWK, RFC 7518 section 6.2.1.1. */
  readonly jwk: string;
  /** Length of one coordinate and of one half of a signature. */
  readonly fieldBytes: number;
}

type EcdsaType = Extract<KeyType, `ecdsa-${string}`>;

export const CURVES: Readonly<Record<EcdsaType, Curve>> = {
  'ecdsa-sha2-nistp256': { ssh: 'nistp256', jwk: 'P-256', fieldBytes: 32 },
  'ecdsa-sha2-nistp384': { ssh: 'nistp384', jwk: 'P-384', fieldBytes: 48 },
  'ecdsa-sha2-nistp521': { ssh: 'nistp521', jwk: 'P-521', fieldBytes: 66 },
};

/** The plain type of the key inside an authenticator. */
export const KEY_INSIDE = {
  'sk-ssh-ed25519@openssh.com': 'ssh-ed25519',
  'sk-ecdsa-sha2-nistp256@openssh.com': 'ecdsa-sha2-nistp256',
} as const satisfies Record<SecurityKeyType, SoftwareKeyType>;

export function isSecurityKeyType(type: KeyType): type is SecurityKeyType {
  return type in KEY_INSIDE;
}

export function isKeyType(name: string): name is KeyType {
  return (KEY_TYPES as readonly string[]).includes(name);
}
