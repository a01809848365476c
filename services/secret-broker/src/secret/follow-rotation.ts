import type { Rotation, Secret as SecretDescription } from '@sallyport/contracts';
import type { Clock } from '../clock.js';
import type { Kms, SecretAddress } from '../kms/kms.js';
import { timeOf } from './time-ordered-id.js';

/** KMS says when it wrote to a secret in whole seconds. */
const SECOND_MS = 1_000;
/** No page has a stage for the version that a rotation is making; other clouds of the kind call it so. */
const PENDING = 'ACSPending';
/** What was written in the second of the request may be of an earlier rotation: so long the version has to show. */
const SAME_SECOND_MS = 3_000;
/** KMS ends a rotation at once, or within two minutes when something is slow (reference, section 3.2). */
const TOO_LONG_MS = 600_000;

/**
 * How far a rotation got. KMS tells no such thing, so it is read off: the version appears when the rotation succeeded, and
 * `AutomaticRotation` becomes `Invalid` when one failed. A secret that was `Invalid` before is told apart by the time in the
 * version's id, which `RotateSecret` of ours has: what KMS wrote before that, it wrote about another rotation.
 *
 * What this gets wrong: with ids of the caller's own an old failure looks like one of this rotation; and a KMS that does not
 * count a failure as a change of the secret is believed to rotate for ten minutes.
 */
export class FollowRotation {
  constructor(
    private readonly kms: Kms,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError `secret.not-found`, `kms.*` */
  async run(address: SecretAddress, versionId: string): Promise<Rotation> {
    // The description first: what it misses, the versions show.
    const secret = await this.kms.describe(address);
    const has = async (deprecated: boolean): Promise<boolean> =>
      (await this.kms.listVersions(address, { deprecated })).some(
        (version) => version.versionId === versionId && !version.stages.includes(PENDING),
      );
    // There may be very many deprecated versions, and only after two further rotations is it one of them.
    const exists = (await has(false)) || (await has(true));
    const { automaticRotation, lastRotationAt, nextRotationAt } = secret;
    return {
      name: address.name,
      versionId,
      status: exists ? 'done' : this.#hasFailed(secret, timeOf(versionId)) ? 'failed' : 'rotating',
      automaticRotation,
      lastRotationAt,
      nextRotationAt,
    };
  }

  #hasFailed({ automaticRotation, updatedAt }: SecretDescription, requestedAt: Date | undefined): boolean {
    if (automaticRotation !== 'Invalid') return false;
    if (!requestedAt || updatedAt === undefined) return true;
    const waitedMs = this.clock.now().getTime() - requestedAt.getTime();
    const writtenMs = new Date(updatedAt).getTime() - requestedAt.getTime();
    if (writtenMs > 0) return true;
    return waitedMs > (writtenMs > -SECOND_MS ? SAME_SECOND_MS : TOO_LONG_MS);
  }
}
