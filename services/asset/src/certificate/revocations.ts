import type { CertificateRevocationId } from '@sallyport/contracts';
import type { StoredRevocation } from './revocation.js';

/** Port: certificates that are good for nothing, by the fingerprint of their authority's key. */
export abstract class Revocations {
  /** @returns the one that stands now: the same again changes nothing */
  abstract add(revocation: StoredRevocation): Promise<StoredRevocation>;
  /** Oldest first. */
  abstract of(authority: string): Promise<StoredRevocation[]>;
  abstract cover(authority: string, serial: string, keyId: string): Promise<boolean>;
  /** @returns what it was */
  abstract remove(authority: string, id: CertificateRevocationId): Promise<StoredRevocation | undefined>;
}
