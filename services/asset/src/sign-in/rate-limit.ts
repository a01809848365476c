import { randomUUID } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Clock } from '../clock/clock.js';
import type { FailedSignIns } from './failed-sign-ins.js';

/** Failed sign-ins within the window, after which the next one is refused. */
export const LIMITS = { windowMinutes: 15, perUser: 10, perAddress: 50 } as const;

/** Keeps somebody from guessing on: counts failures by user name and by address, for all replicas together. */
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
    username: string,
    clientAddress: string,
    attempt: () => Promise<T>,
    succeeded: (answer: T) => boolean,
  ): Promise<T | 'limited'> {
    const at = this.clock.now();
    const since = new Date(at.getTime() - LIMITS.windowMinutes * 60_000);
    const id = randomUUID();
    const { perUser, perAddress } = LIMITS;
    const attemptOf = { id, username, addressBlock: addressBlock(clientAddress), at };
    if (!(await this.failed.begin(attemptOf, { since, perUser, perAddress }))) return 'limited';
    const answer = await attempt();
    if (succeeded(answer)) await this.failed.forget(id);
    return answer;
  }
}

/**
 * What one client can easily speak from: an IPv4 address, or the /64 of an IPv6 address, as its first four groups.
 * Anything else stands for itself.
 */
export function addressBlock(address: string): string {
  const plain = address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(plain)) return plain;
  const [left = '', right = ''] = plain.split('::');
  const head = left.split(':').filter((group) => group !== '');
  const tail = right.split(':').filter((group) => group !== '');
  const zeros = plain.includes('::') ? Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0') : [];
  const groups = [...head, ...zeros, ...tail].slice(0, 4);
  return `${groups.map((group) => group.toLowerCase().replace(/^0+(?=.)/, '')).join(':')}::/64`;
}
