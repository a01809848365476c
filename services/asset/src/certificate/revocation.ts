import type { CertificateRevocation, CertificateRevocationId } from '@sallyport/contracts';

/** Certificates that are good for nothing: of one serial, or of one key id. */
export interface StoredRevocation {
  id: CertificateRevocationId;
  /** Fingerprint of the authority's key. */
  authority: string;
  /** Decimal; one of both is there. */
  serial: string | undefined;
  keyId: string | undefined;
  revokedAt: Date;
}

export function describeRevocation({ id, serial, keyId, revokedAt }: StoredRevocation): CertificateRevocation {
  return { id, serial, keyId, revokedAt: revokedAt.toISOString() };
}
