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
  readonly stage: Stage;
  readonly tried: ReadonlySet<string>;
}

export interface NextVersion {
  readonly value: SecretValue;
  readonly stage: Stage;
}

const PAUSE_MS = 250;
/** After the previous version was refused too, a host that was late has most likely caught up by now. */
const SETTLE_MS = 500;

/**
 * Finds what to try after the target refused a version. Which comes first in a rotation, the change on the host or the one in
 * KMS, is documented nowhere, so that both are met:
 * - the host is ahead: KMS names another current version within moments, and that one is tried;
 * - KMS is ahead: a rotation ended just now, and the previous version is tried once; when that is refused, the host has
 *   caught up in between, and the current version gets its second chance.
 *
 * What it gets wrong: a host that lags behind through two rotations in a row. The count of attempts is the caller's.
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
    if (!refused.tried.has(current.versionId)) return { value: current, stage: 'ACSCurrent' };
    const previous = await this.#previousOf(address, current, refused);
    if (previous) return { value: previous, stage: 'ACSPrevious' };
    return this.#waitForChange(address, current, refused);
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

  async #waitForChange(address: SecretAddress, first: SecretValue, refused: RefusedVersion): Promise<NextVersion> {
    const endsAt = this.clock.now().getTime() + (refused.stage === 'ACSPrevious' ? SETTLE_MS : this.times.waitMs);
    let current = first;
    while (this.clock.now().getTime() + PAUSE_MS <= endsAt) {
      await this.clock.sleep(PAUSE_MS);
      current = await this.kms.readValue(address, 'ACSCurrent');
      if (!refused.tried.has(current.versionId)) return { value: current, stage: 'ACSCurrent' };
    }
    if (refused.stage === 'ACSPrevious') return { value: current, stage: 'ACSCurrent' };
    const hint = this.#isRecent(current) ? '; it is being rotated, try again in a minute' : '';
    throw new DomainError('target.refused-credential', `the host refuses the credential that KMS has for it${hint}`);
  }

  #isRecent({ lastRotationAt }: SecretValue): boolean {
    return lastRotationAt !== undefined && this.clock.now().getTime() - lastRotationAt.getTime() <= this.times.recentMs;
  }
}

/** A secret that was rotated once or never has no previous version. */
function absent(error: unknown): undefined {
  if (error instanceof KmsError && error.code === 'secret.not-found') return undefined;
  throw error;
}
