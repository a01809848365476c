import type { GrantClaims, GrantId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { SharedValues } from '@sallyport/messaging';
import { z } from 'zod';
import type { Clock } from '../clock.js';
import type { SecretValue } from '../kms/kms.js';
import type { Lease } from './lease.js';

/** What a host has refused lately, as all replicas know it. */
export const HostRefusals = z.object({
  /** In ms since 1970: until then the host may hold a failure against us. */
  penaltyUntilMs: z.number(),
  /** By name of the secret, all versions that its last failed logon tried. */
  versions: z.record(z.string(), z.array(z.string())),
});
export type HostRefusals = z.infer<typeof HostRefusals>;

/** What sshd adds for a connection on which every attempt failed (sshd_config(5), `PerSourcePenalties`, `authfail`). */
export const PENALTY_MS = 5_000;
/** A credential that the host took so lately is not doubted before the host refuses it. */
const CALM_MS = 60_000;
/** How long a logon waits for what becomes of the one before it. */
export const LONGEST_WAIT_MS = 6_000;

/** The logon whose end says whether others with this credential would succeed. */
interface Leader {
  readonly grantId: GrantId;
  readonly over: Promise<void>;
  readonly end: () => void;
  /** The host has refused what it offered. */
  refused: boolean;
}

/**
 * Keeps the bastion from being locked out. OpenSSH 9.8 and later count, for each address, the connections on which authentication
 * failed: five seconds each, and from fifteen on nobody from there is let in, and all users of a bastion come from one address.
 *
 * - A version that a host refused in the end is not offered there again for as long as that may count. One that KMS did not name
 *   then, and other secrets, go through at once.
 * - Of a credential that this host did not take within the last minute one logon goes first, and others wait for how it ends. So
 *   they do when a host refuses a value that was not rotated just now, which nothing explains but a credential that is broken.
 *
 * What it gets wrong: logons that were on their way when the host refused the first one; each replica of the broker has its own
 * first logon; several secrets of a host that break at once are several first failures.
 */
export class HostGuard {
  readonly #leaders = new Map<string, Leader>();
  /** In ms since 1970, oldest first. */
  readonly #acceptedAtMs = new Map<string, number>();

  constructor(
    private readonly refusals: SharedValues<HostRefusals>,
    private readonly clock: Clock,
    /** A rotation that ended so long ago explains a refusal. */
    private readonly rotationRecentMs: number,
  ) {}

  /**
   * Lets a logon go on to dial its host, perhaps after a wait.
   * @param readAgain reads the current value, for the one that a wait made old
   * @returns the value to use
   * @throws DomainError `target.refused-lately`; what `readAgain` throws; `service.unavailable`
   */
  async admit(grant: GrantClaims, first: SecretValue, readAgain: () => Promise<SecretValue>): Promise<SecretValue> {
    const key = keyOf(grant);
    const waitUntilMs = this.#nowMs() + LONGEST_WAIT_MS;
    for (let value = first; ; value = await readAgain()) {
      await this.#demandNotRefused(grant, value.versionId);
      const leader = this.#leaders.get(key);
      if (!leader) {
        if (!this.#isCalm(key)) this.#lead(grant);
        return value;
      }
      const isOver = leader.over.then(() => true);
      const waitMs = waitUntilMs - this.#nowMs();
      if (waitMs > 0 && (await Promise.race([isOver, this.clock.sleep(waitMs).then(() => false)]))) continue;
      if (leader.refused) throw refusedLately(PENALTY_MS);
      // It did not get as far as the host's word: the host is slow, or away, and nobody counts that.
      return value;
    }
  }

  /** The host refused what this logon offered; the logon may still find another version. */
  refused({ grant, version }: Lease): void {
    const leader = this.#leaders.get(keyOf(grant));
    if (leader?.grantId === grant.grantId) leader.refused = true;
    else if (!leader && !this.#isRotating(version)) this.#lead(grant).refused = true;
  }

  /** The logon is over. What it says of others is known when this is done. @throws DomainError `service.unavailable` */
  async ended({ grant, end, triedVersionIds }: Lease): Promise<void> {
    const key = keyOf(grant);
    try {
      if (end === 'refused') {
        this.#acceptedAtMs.delete(key);
        await this.#keep(grant, [...triedVersionIds]);
      }
      if (end === 'accepted') this.#accepted(key);
    } finally {
      this.abandoned(grant);
    }
  }

  /** The logon was admitted and does not go on. */
  abandoned(grant: GrantClaims): void {
    const key = keyOf(grant);
    const leader = this.#leaders.get(key);
    if (leader?.grantId !== grant.grantId) return;
    this.#leaders.delete(key);
    leader.end();
  }

  async #demandNotRefused({ host, account }: GrantClaims, versionId: string): Promise<void> {
    const known = await this.refusals.get(host.hostId);
    const leftMs = (known?.penaltyUntilMs ?? 0) - this.#nowMs();
    if (leftMs > 0 && known?.versions[account.secretName]?.includes(versionId)) throw refusedLately(leftMs);
  }

  /** For all replicas. */
  async #keep({ host, account }: GrantClaims, versionIds: string[]): Promise<void> {
    const nowMs = this.#nowMs();
    await this.refusals.change(host.hostId, (before) => {
      const untilMs = before?.penaltyUntilMs ?? 0;
      const counts = untilMs > nowMs;
      return {
        penaltyUntilMs: Math.max(nowMs, untilMs) + PENALTY_MS,
        versions: { ...(counts ? before?.versions : {}), [account.secretName]: versionIds },
      };
    });
  }

  #lead(grant: GrantClaims): Leader {
    let end = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    const leader = { grantId: grant.grantId, over, end, refused: false };
    this.#leaders.set(keyOf(grant), leader);
    return leader;
  }

  #accepted(key: string): void {
    this.#acceptedAtMs.delete(key);
    this.#acceptedAtMs.set(key, this.#nowMs());
    for (const [oldest, atMs] of this.#acceptedAtMs) {
      if (this.#nowMs() - atMs <= CALM_MS) return;
      this.#acceptedAtMs.delete(oldest);
    }
  }

  #isCalm(key: string): boolean {
    return this.#nowMs() - (this.#acceptedAtMs.get(key) ?? -Infinity) <= CALM_MS;
  }

  #isRotating({ lastRotationAt }: Lease['version']): boolean {
    return lastRotationAt !== undefined && this.#nowMs() - lastRotationAt.getTime() <= this.rotationRecentMs;
  }

  #nowMs(): number {
    return this.clock.now().getTime();
  }
}

const keyOf = ({ host, account }: Pick<GrantClaims, 'host' | 'account'>): string =>
  `${host.hostId} ${account.secretName}`;

function refusedLately(leftMs: number): DomainError {
  const seconds = Math.ceil(leftMs / 1_000);
  return new DomainError(
    'target.refused-lately',
    `the host refused this credential just now, and KMS has no other: try again in ${seconds} s`,
    { retryable: true },
  );
}
