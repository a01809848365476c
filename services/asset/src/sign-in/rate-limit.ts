import { randomUUID } from 'node:crypto';
import { addressBlock } from '@sallyport/addresses';
import { DomainError } from '@sallyport/errors';
import type { Clock } from '../clock/clock.js';
import type { Attempt, FailedSignIns } from './failed-sign-ins.js';

/**
 * Failed proofs within the window, after which the next one is refused. Six digits are few: a year of guessing codes at
 * this rate, by somebody who has the first factor, finds one with a chance of about two in five.
 */
export const LIMITS = { windowMinutes: 15, perUser: 10, codesPerUser: 5, perAddress: 50, familiarDays: 30 } as const;

/** What somebody tries, as whom and from where. */
export type Trial = Pick<Attempt, 'kind' | 'username'> & { clientAddress: string };

/**
 * Keeps somebody from guessing on: counts failures by user name and by address, for all replicas together. Signatures
 * cannot be guessed, so keys are not counted and go on working.
 */
export class RateLimit {
  constructor(
    private readonly failed: FailedSignIns,
    private readonly clock: Clock,
  ) {}

  /**
   * Runs `attempt` unless there were too many failures.
   * @param attempt answers whether it succeeded; one that throws counts as failed
   * @returns what it answered, or `limited`
   */
  async guard<T>(
    { kind, username, clientAddress }: Trial,
    attempt: () => Promise<T>,
    succeeded: (answer: T) => boolean,
  ): Promise<T | 'limited'> {
    const at = this.clock.now();
    const id = randomUUID();
    const limits = {
      since: before(at, LIMITS.windowMinutes),
      perUser: kind === 'code' ? LIMITS.codesPerUser : LIMITS.perUser,
      perAddress: LIMITS.perAddress,
      familiarSince: kind === 'code' ? undefined : before(at, LIMITS.familiarDays * 24 * 60),
    };
    if (!(await this.failed.begin({ id, kind, username, addressBlock: addressBlock(clientAddress), at }, limits)))
      return 'limited';
    const answer = await attempt();
    if (succeeded(answer)) await this.failed.forget(id);
    return answer;
  }

  /** The user got in from there: strangers elsewhere do not shut out who comes back. */
  async remember(username: string, clientAddress: string): Promise<void> {
    await this.failed.remember(username, addressBlock(clientAddress), this.clock.now());
  }
}

const before = (at: Date, minutes: number): Date => new Date(at.getTime() - minutes * 60_000);

/** The same words wherever it is said. */
export function tooManyFailures(): DomainError {
  const sentence = 'too many failed attempts for this user name or from this address';
  const advice = `try again in ${LIMITS.windowMinutes} minutes`;
  return new DomainError('sign-in.rate-limited', `${sentence}; ${advice}`, { retryable: true });
}
