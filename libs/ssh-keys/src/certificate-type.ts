import type { KeyType, SignatureAlgorithm } from './key-type.js';
import { SIGNATURE_ALGORITHMS } from './key-type.js';
import { SshFormatError } from './ssh-format-error.js';
import { SshReader } from './ssh-reader.js';

/** Types of certificates on the wire, by the type of the key that they certify (OpenSSH's PROTOCOL.certkeys). */
const CERTIFICATE_TYPES = {
  'ssh-ed25519': 'ssh-ed25519-cert-v01@openssh.com',
  'ecdsa-sha2-nistp256': 'ecdsa-sha2-nistp256-cert-v01@openssh.com',
  'ecdsa-sha2-nistp384': 'ecdsa-sha2-nistp384-cert-v01@openssh.com',
  'ecdsa-sha2-nistp521': 'ecdsa-sha2-nistp521-cert-v01@openssh.com',
  'ssh-rsa': 'ssh-rsa-cert-v01@openssh.com',
  'sk-ssh-ed25519@openssh.com': 'sk-ssh-ed25519-cert-v01@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com': 'sk-ecdsa-sha2-nistp256-cert-v01@openssh.com',
} as const satisfies Record<KeyType, string>;

const certifiedTypes = new Map<string, KeyType>(
  Object.entries(CERTIFICATE_TYPES).map(([type, certificate]) => [certificate, type as KeyType]),
);

/** The type of key that a certificate of this type certifies; undefined when it is no type of certificate that we take. */
export function certifiedKeyType(certificateType: string): KeyType | undefined {
  return certifiedTypes.get(certificateType);
}

/** By its type alone: whether the bytes are to be read as a certificate, and not as a key. */
export function isCertificate(blob: Uint8Array): boolean {
  try {
    return certifiedKeyType(new SshReader(blob).text()) !== undefined;
  } catch (error) {
    if (error instanceof SshFormatError) return false;
    throw error;
  }
}

const signedBy = new Map<string, SignatureAlgorithm>(
  (Object.keys(CERTIFICATE_TYPES) as KeyType[]).flatMap((type) =>
    SIGNATURE_ALGORITHMS[type].map((algorithm): [string, SignatureAlgorithm] => [nameFor(type, algorithm), algorithm]),
  ),
);

/**
 * Names by which a client says that it signs with a certified key, as the algorithm of a userauth request. RSA has two, which
 * say the hash; `ssh-rsa-cert-v01@openssh.com`, RSA with SHA-1, is not among them.
 */
export const CERTIFICATE_ALGORITHMS: readonly string[] = [...signedBy.keys()];

/** What the signature itself is made by; undefined when the name is not one of `CERTIFICATE_ALGORITHMS`. */
export function plainAlgorithm(certificateAlgorithm: string): SignatureAlgorithm | undefined {
  return signedBy.get(certificateAlgorithm);
}

function nameFor(type: KeyType, algorithm: SignatureAlgorithm): string {
  return type === 'ssh-rsa' ? `${algorithm}-cert-v01@openssh.com` : CERTIFICATE_TYPES[type];
}
