import ssh2 from 'ssh2';
import type { ParsedKey } from 'ssh2';

/** Our host keys by signature algorithm, as ssh2 wants them. Made once and used by all connections. */
export type HostKeys = Record<string, ParsedKey>;

/**
 * @param pems private keys without passphrase, in OpenSSH or PEM form; at most one of a type
 * @throws Error a text is not such a key; the message says which by its place, from 1, and shows nothing of it
 */
export function parseHostKeys(pems: readonly string[]): HostKeys {
  const keys: HostKeys = {};
  for (const [index, pem] of pems.entries()) {
    const parsed = ssh2.utils.parseKey(pem);
    if (parsed instanceof Error || !parsed.isPrivateKey()) {
      throw new Error(`host key ${index + 1} is not a private key without passphrase, in OpenSSH or PEM form`);
    }
    for (const algorithm of signatureAlgorithms(parsed.type)) keys[algorithm] = parsed;
  }
  if (Object.keys(keys).length === 0) throw new Error('at least one host key is needed');
  return keys;
}

/** The type of a host key, such as `ssh-ed25519`; undefined for what `parseHostKeys` would not take. */
export function hostKeyType(pem: string): string | undefined {
  const parsed = ssh2.utils.parseKey(pem);
  return parsed instanceof Error || !parsed.isPrivateKey() ? undefined : parsed.type;
}

function signatureAlgorithms(type: string): string[] {
  return type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type];
}
