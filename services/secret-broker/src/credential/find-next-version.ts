import { DomainError } from '@sallyport/errors';
import type { Clock } from '../clock.js';
import { KmsError } from '../kms/kms-error.js';
import type { Kms, SecretAddress, SecretValue, Stage } from '../kms/kms.js';

export interface RotationTimes {
  /** How long KMS may take to name another version as the current one. */
  readonly waitMs: number;
  /** A rotation that ended so long ago may still be under way on the host. */
  readonly recentMs: number;
}

/** What the target refused, and what was tried before. */
export interface RefusedVersion {
  readonly versionId: string;
  readonly tried: ReadonlySet<string>;
  /** One attempt is left. */
  readonly isLast: boolean;
}

export interface NextVersion {
  readonly value: SecretValue;
  readonly stage: Stage;
}

const PAUSE_MS = 250;
/** How long a version must have been the current one before the last attempt is spent on it. */
const SETTLE_MS = 500;
/** …and how long one that was refused before gets, for KMS to name another, or for the host to catch up. */
const LATE_MS = 1_500;

/**
 * Finds what to try after the target refused a version. Which comes first in a rotation, the change on the host or the one in
 * KMS, is documented nowhere, so that both are met. With two attempts left:
 * - the host is ahead: KMS names another current version within moments, and that one is tried;
 * - KMS is ahead: a rotation ended just now, and the previous version is tried, once.
 *
 * The last attempt is not spent in the middle of a rotation: it takes the current version, once that has been the same for a
 * moment, so that host and KMS agree in either order.
 *
 * What it gets wrong: a host that needs seconds to follow KMS through two rotations in a row. The count of attempts is the
 * caller's.
 */
export class FindNextVersion {
  constructor(
    private readonly kms: Kms,
    private readonly clock: Clock,
    private readonly times: RotationTimes,
  ) {}

  /** @throws DomainError `target.refused-credential` there is nothing else to try; `kms.*` and `secret.*` from KMS */
  async run(address: SecretAddress, refused: RefusedVersion): Promise<NextVersion> {
    const current = await this.kms.readValue(address, 'ACSCurrent');
    if (refused.isLast) return this.#settled(address, current, refused);
    if (!refused.tried.has(current.versionId)) return { value: current, stage: 'ACSCurrent' };
    const previous = await this.#previousOf(address, current, refused);
    if (previous) return { value: previous, stage: 'ACSPrevious' };
    return this.#waitForChange(address, current, refused);
  }

  async #settled(address: SecretAddress, first: SecretValue, { tried }: RefusedVersion): Promise<NextVersion> {
    const startedAt = this.#nowMs();
    let current = first;
    let currentSince = Math.min(startedAt, latestRotation(first));
    for (;;) {
      const calmAt = tried.has(current.versionId) ? startedAt + LATE_MS : currentSince + SETTLE_MS;
      const isLate = this.#nowMs() + PAUSE_MS > startedAt + this.times.waitMs;
      if (this.#nowMs() >= calmAt || isLate) return { value: current, stage: 'ACSCurrent' };
      await this.clock.sleep(PAUSE_MS);
      const { versionId } = current;
      current = await this.kms.readValue(address, 'ACSCurrent');
      if (current.versionId !== versionId) currentSince = this.#nowMs();
    }
  }

  async #previousOf(
    address: SecretAddress,
    current: SecretValue,
    refused: RefusedVersion,
  ): Promise<SecretValue | undefined> {
    if (!this.#isRecent(current)) return undefined;
    const previous = await this.kms.readValue(address, 'ACSPrevious').catch(absent);
    return previous && !refused.tried.has(previous.versionId) ? previous : undefined;
  }

  async #waitForChange(address: SecretAddress, first: SecretValue, { tried }: RefusedVersion): Promise<NextVersion> {
    const endsAt = this.#nowMs() + this.times.waitMs;
    let current = first;
    while (this.#nowMs() + PAUSE_MS <= endsAt) {
      await this.clock.sleep(PAUSE_MS);
      current = await this.kms.readValue(address, 'ACSCurrent');
      if (!tried.has(current.versionId)) return { value: current, stage: 'ACSCurrent' };
    }
    const hint = this.#isRecent(current) ? '; it is being rotated, try again in a minute' : '';
    throw new DomainError('target.refused-credential', `the host refuses the credential that KMS has for it${hint}`);
  }

  #isRecent({ lastRotationAt }: SecretValue): boolean {
    return lastRotationAt !== undefined && this.#nowMs() - lastRotationAt.getTime() <= this.times.recentMs;
  }

  #nowMs(): number {
    return this.clock.now().getTime();
  }
}

/** KMS names the second; the rotation may have been at its end. */
function latestRotation({ lastRotationAt }: SecretValue): number {
  return lastRotationAt ? lastRotationAt.getTime() + 999 : 0;
}

/** A secret that was rotated once or never has no previous version. */
function absent(error: unknown): undefined {
  if (error instanceof KmsError && error.code === 'secret.not-found') return undefined;
  throw error;
}
