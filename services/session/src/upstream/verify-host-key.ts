import { PinHostKeyV1, ReportHostKeyV1 } from '@sallyport/contracts';
import type { GrantClaims } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Bus } from '@sallyport/messaging';
import { fingerprint, KEY_TYPES, SIGNATURE_ALGORITHMS } from '@sallyport/ssh-keys';
import type { SignatureAlgorithm } from '@sallyport/ssh-keys';

export interface VerifiedHostKey {
  readonly fingerprint: string;
  /** Asset's word for the broker; only when the key was pinned just now. */
  readonly attestation?: string;
}

/**
 * Compares the key that a target proved to hold with those that its grant names; the first key of a host is pinned.
 * @throws DomainError `host-key.changed`, after asset has recorded it; `host-key.unknown` when an administrator must act first
 */
export async function verifyHostKey(
  bus: Bus,
  grant: string,
  { host }: GrantClaims,
  hostKey: Buffer,
): Promise<VerifiedHostKey> {
  const seen = fingerprint(hostKey);
  if (host.hostKeys.includes(seen)) return { fingerprint: seen };
  const shown = { grant, hostKey: hostKey.toString('base64') };
  if (host.hostKeys.length === 0) {
    const { attestation } = await bus.request(PinHostKeyV1, shown);
    return { fingerprint: seen, attestation };
  }
  await bus.request(ReportHostKeyV1, shown);
  throw new DomainError(
    'host-key.changed',
    `the host showed the key ${seen}, which is not pinned for it, and nothing was sent to it; ` +
      'ask a bastion administrator whether the host was set up anew, and to replace its keys',
  );
}

/**
 * The signature algorithms to ask a target for first: a host that has a pinned key is to show that one, whatever other
 * types it got since. One that has none of them shows what it has, and is refused with both fingerprints.
 */
export function algorithmsOfPinned({ hostKeyTypes = [] }: GrantClaims['host']): SignatureAlgorithm[] {
  return KEY_TYPES.filter((type) => hostKeyTypes.includes(type)).flatMap((type) => SIGNATURE_ALGORITHMS[type]);
}
