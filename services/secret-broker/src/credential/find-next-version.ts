import { RefreshCredentialV1 } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Clock } from '../clock.js';
import { KmsError } from '../kms/kms-error.js';
import type { Kms, SecretAddress, SecretValue, Stage } from '../kms/kms.js';
import { outOfTime, TimelyReads } from './timely-reads.js';

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

/** From one look at KMS to the next, when it answers in less. */
const PAUSE_MS = 150;
const LEAST_PAUSE_MS = 25;
/** How long a version should have been the current one before it is tried: the host may be a moment behind, or ahead. */
const SETTLE_MS = 450;
/** So long KMS must have named no other version before the last attempt is spent on what it names: the host has caught up by then. */
const LATE_MS = 1_500;

/**
 * Finds what to try after the target refused a version. Which comes first in a rotation, the change on the host or the one in
 * KMS, is documented nowhere, so that both are met:
 * - KMS is ahead: a rotation ended just now, and the previous version is tried at once, when two attempts are left;
 * - the host is ahead: KMS names another current version within moments, and that one is tried.
 *
 * A version that became the current one just now is not tried in the middle of its rotation, but a moment later, when host
 * and KMS agree in either order. The last attempt waits for that moment, even where one rotation follows the other, or for calm;
 * it may go to a version that was refused before, which the host has had time to take.
 *
 * After a rotation that failed nobody knows what the host takes: not the previous version, and perhaps not the current one. The
 * next rotation puts it right, and is waited for.
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
    const reads = new TimelyReads(this.kms, RefreshCredentialV1.timeoutMs);
    const current = await reads.read(address, 'ACSCurrent');
    const previous = await this.#previousOf(reads, address, current, refused);
    if (previous) return { value: previous, stage: 'ACSPrevious' };
    return { value: await this.#otherCurrent(reads, address, current, refused), stage: 'ACSCurrent' };
  }

  /** The previous version, when the current one was refused right after its rotation and there is an attempt to spare. */
  async #previousOf(
    reads: TimelyReads,
    address: SecretAddress,
    current: SecretValue,
    { tried, isLast }: RefusedVersion,
  ): Promise<SecretValue | undefined> {
    if (isLast || !tried.has(current.versionId) || current.rotationFailed || !this.#isRecent(current)) return undefined;
    const previous = await reads.read(address, 'ACSPrevious').catch(absent);
    return previous && !tried.has(previous.versionId) ? previous : undefined;
  }

  /**
   * A current version that was not tried yet, as soon as KMS names one. The last attempt is kept for one that was seen to become
   * the current one, or for what is there when nothing has changed for a while.
   */
  async #otherCurrent(
    reads: TimelyReads,
    address: SecretAddress,
    first: SecretValue,
    { tried, isLast }: RefusedVersion,
  ): Promise<SecretValue> {
    const startedAt = this.#nowMs();
    const endsAt = startedAt + this.times.waitMs;
    let current = first;
    let changed = changedAt(first, -Infinity, startedAt);
    let isSeen = !isLast;
    let tookMs = 0;
    for (;;) {
      const readAt = this.#nowMs();
      const isNew = !tried.has(current.versionId);
      if (isNew && isSeen && !current.rotationFailed) break;
      const isCalm = isLast && !current.rotationFailed && readAt >= startedAt + LATE_MS;
      const isOver = readAt + PAUSE_MS > endsAt;
      const canBeTried = isLast || isNew;
      if (isCalm || (isOver && canBeTried)) return current;
      if (isOver) throw this.#refused(current);
      await this.clock.sleep(Math.max(LEAST_PAUSE_MS, PAUSE_MS - tookMs));
      const { versionId } = current;
      const askedAt = this.#nowMs();
      const next = await reads.readInTime(address, 'ACSCurrent');
      if (!next && canBeTried) return current;
      current = next ?? outOfTime();
      tookMs = this.#nowMs() - askedAt;
      if (current.versionId === versionId) continue;
      changed = changedAt(current, readAt, this.#nowMs());
      isSeen = true;
    }
    const restMs = changed + SETTLE_MS - this.#nowMs();
    if (restMs > 0) await this.clock.sleep(restMs);
    return current;
  }

  #refused(current: SecretValue): DomainError {
    const hint = current.rotationFailed
      ? '; its last rotation failed, ask an administrator to rotate it again'
      : this.#isRecent(current)
        ? '; it is being rotated, try again in a minute'
        : '';
    return new DomainError('target.refused-credential', `the host refuses the credential that KMS has for it${hint}`);
  }

  #isRecent({ lastRotationAt }: SecretValue): boolean {
    return lastRotationAt !== undefined && this.#nowMs() - lastRotationAt.getTime() <= this.times.recentMs;
  }

  #nowMs(): number {
    return this.clock.now().getTime();
  }
}

/**
 * When KMS came to name this version, as far as can be known: in the middle between the read that did not show it and the one
 * that did, and within the second that KMS gives.
 */
function changedAt({ lastRotationAt }: SecretValue, unseenAt: number, seenAt: number): number {
  if (!lastRotationAt) return unseenAt === -Infinity ? unseenAt : (unseenAt + seenAt) / 2;
  const second = lastRotationAt.getTime();
  const from = Math.max(unseenAt, second);
  const to = Math.min(seenAt, second + 999);
  // The clocks of KMS and of this machine differ: ours is the one that is meant.
  if (from > to) return unseenAt === -Infinity ? to : (unseenAt + seenAt) / 2;
  return (from + to) / 2;
}

/** A secret that was rotated once or never has no previous version. */
function absent(error: unknown): undefined {
  if (error instanceof KmsError && error.code === 'secret.not-found') return undefined;
  throw error;
}
