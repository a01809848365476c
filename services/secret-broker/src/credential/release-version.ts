import { CredentialReleased } from '@sallyport/contracts';
import type { EventData, OpenCredentialV1, ReplyOf } from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import { seal } from '@sallyport/sealing';
import type { Lease } from './lease.js';
import { wipeCredential } from './secret-data.js';

export type Released = ReplyOf<typeof OpenCredentialV1>;

/** What every event on the use of a credential says. */
export function describeUse({ grant, version }: Lease) {
  return {
    grantId: grant.grantId,
    sessionId: grant.sessionId,
    userId: grant.userId,
    hostId: grant.host.hostId,
    accountId: grant.account.accountId,
    secretName: grant.account.secretName,
    secretVersionId: version.versionId,
    kmsRequestId: version.kmsRequestId,
  };
}

/**
 * The lease's version in the form in which the session process may have it: the password sealed to the grant's key, or the
 * public half of the key. On record before it is handed over.
 * @throws DomainError `audit.unavailable`; `credential.not-prepared` the lease ran out meanwhile, and the seal may hold zeros
 */
export async function releaseVersion(lease: Lease, audit: AuditPublisher): Promise<Released> {
  const released = await toReleased(lease);
  const event: EventData<typeof CredentialReleased> = {
    ...describeUse(lease),
    kind: released.kind,
    hostKeyFingerprint: lease.target.hostKeyFingerprint,
    attempt: lease.attempts,
    stage: lease.version.stage,
  };
  await audit.publish(CredentialReleased, event);
  lease.demandAlive();
  return released;
}

async function toReleased({ grant, version, target }: Lease): Promise<Released> {
  const { credential, versionId } = version;
  if (credential.kind === 'ssh-key') {
    const { publicKeyBlob, algorithms } = credential.key;
    return { kind: 'ssh-key', versionId, publicKey: publicKeyBlob.toString('base64'), algorithms: [...algorithms] };
  }
  const associatedData = `${grant.grantId} ${target.hostKeyFingerprint}`;
  const password = await seal(grant.sealTo, credential.password, associatedData);
  // Sealed, it is of no further use here.
  wipeCredential(credential);
  return { kind: 'password', versionId, password };
}
