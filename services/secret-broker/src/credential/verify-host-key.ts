import type { GrantClaims } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { fingerprint, parsePublicKeyBlob, SshFormatError } from '@sallyport/ssh-keys';
import type { TokenVerifier } from '@sallyport/tokens';

/**
 * The fingerprint of the host key that the target showed, when it is one that `asset` vouches for: pinned in the grant, or,
 * for a host that had none when the grant was issued, attested since for this very grant and host.
 * @throws DomainError `host-key.unverified`
 */
export async function verifyHostKey(
  grant: GrantClaims,
  hostKey: Buffer,
  attestation: string | undefined,
  tokens: TokenVerifier,
): Promise<string> {
  const seen = fingerprintOf(hostKey);
  if (grant.host.hostKeys.length > 0) {
    if (!grant.host.hostKeys.includes(seen)) throw unverified('the host key is none of those that the grant names');
    return seen;
  }
  if (attestation === undefined) throw unverified('the grant names no host key, and there is no attestation of one');
  const attested = await tokens.attestation(attestation);
  if (attested.grantId !== grant.grantId || attested.hostId !== grant.host.hostId) {
    throw unverified('the attestation is for another grant or host');
  }
  if (attested.fingerprint !== seen) throw unverified('the attestation is of another host key');
  return seen;
}

function fingerprintOf(blob: Buffer): string {
  try {
    parsePublicKeyBlob(blob);
  } catch (error) {
    if (error instanceof SshFormatError) throw unverified('the host key is not one');
    throw error;
  }
  return fingerprint(blob);
}

function unverified(reason: string): DomainError {
  return new DomainError('host-key.unverified', reason);
}
