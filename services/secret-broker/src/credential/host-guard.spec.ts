import { InMemorySharedValues } from '@sallyport/messaging/testing';
import type { GrantClaims } from '@sallyport/contracts';
import { Secret } from '@sallyport/secret';
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock.fake.js';
import type { SecretValue } from '../kms/kms.js';
import { newGrant, newSecret, newSecretData } from './conversation.suite.js';
import { HostGuard, LONGEST_WAIT_MS, PENALTY_MS, type HostRefusals } from './host-guard.js';
import { Lease, type LogonEnd } from './lease.js';
import { toVersion } from './read-version.js';

const recentMs = 120_000;

describe('HostGuard', () => {
  const secret = newSecret('password');
  const { host } = newGrant();
  let clock: FakeClock;
  let shared: InMemorySharedValues<HostRefusals>;
  let guard: HostGuard;
  beforeEach(() => {
    clock = new FakeClock();
    // A wait takes until somebody wakes it.
    clock.sleep = () => new Promise(() => undefined);
    shared = new InMemorySharedValues();
    guard = new HostGuard(shared, clock, recentMs);
  });

  const grantTo = (change: { secretName?: string } = {}): GrantClaims => {
    const grant = newGrant({ secret });
    const { secretName = secret.name } = change;
    return { ...grant, host, account: { ...grant.account, secretName } };
  };
  const value = (versionId: string, lastRotationAt?: Date): SecretValue => ({
    data: Secret.of(newSecretData('password')),
    versionId,
    rotationFailed: false,
    requestId: randomUUID(),
    ...(lastRotationAt && { lastRotationAt }),
  });
  /** A logon that may dial, as soon as it may. */
  const logon = async (versionId: string, by = guard, grant = grantTo(), current = () => value(versionId)) => {
    const lease = new Lease(grant, toVersion(grant, await by.admit(grant, value(versionId), readNow), 'ACSCurrent'));
    return {
      versionId: lease.version.versionId,
      refuse: () => {
        lease.noteRefusal();
        by.refused(lease);
      },
      end: async (end?: LogonEnd) => {
        lease.over(end);
        await by.ended(lease);
      },
    };
    function readNow(): Promise<SecretValue> {
      return Promise.resolve(current());
    }
  };
  const fails = async (versionId: string, by = guard, grant = grantTo()): Promise<void> =>
    (await logon(versionId, by, grant)).end('refused');
  const held = { code: 'target.refused-lately', retryable: true };
  /** Whether a promise is still open after all that can go on has gone on. */
  const isWaiting = async (promise: Promise<unknown>): Promise<boolean> =>
    Promise.race([
      promise.then(
        () => false,
        () => false,
      ),
      new Promise<boolean>((resolve) => setImmediate(resolve, true)),
    ]);

  it('holds the version that the host refused, for as long as that may count, and says how long', async () => {
    await fails('v1');
    clock.pass(1_500);
    await expect(logon('v1')).rejects.toMatchObject({
      ...held,
      message: expect.stringContaining('again in 4 s') as string,
    });
    clock.pass(PENALTY_MS - 1_500);
    await (await logon('v1')).end('accepted');
    await (await logon('v1')).end('accepted');
  });

  it('lets another version through at once, other secrets of the host, and other hosts', async () => {
    await fails('v1');
    await logon('v2');
    await logon('v1', guard, grantTo({ secretName: 'acs/ecs/other' }));
    await logon('v1', guard, { ...grantTo(), host: newGrant().host });
  });

  it('knows it on all replicas, and what several secrets of a host cost together', async () => {
    const other = new HostGuard(shared, clock, recentMs);
    await fails('v1', other);
    await expect(logon('v1')).rejects.toMatchObject(held);
    await fails('w1', other, grantTo({ secretName: 'acs/ecs/other' }));
    clock.pass(PENALTY_MS);
    await expect(logon('v1')).rejects.toMatchObject(held);
    await expect(logon('w1', guard, grantTo({ secretName: 'acs/ecs/other' }))).rejects.toMatchObject(held);
    clock.pass(PENALTY_MS);
    await logon('v1');
  });

  it('sends one ahead where nobody was let in lately, and the others after it, with what KMS says by then', async () => {
    const first = await logon('v1');
    const others = Array.from({ length: 20 }, () => logon('v1', guard, grantTo(), () => value('v2')));
    for (const other of others) expect(await isWaiting(other)).toBe(true);
    await first.end('accepted');
    for (const other of await Promise.all(others)) expect(other.versionId).toBe('v2');
    // For a minute nobody waits.
    clock.pass(60_000);
    await Promise.all([logon('v2'), logon('v2')]);
    clock.pass(1);
    const [ahead, behind] = [logon('v2'), logon('v2')];
    await ahead;
    expect(await isWaiting(behind)).toBe(true);
  });

  it('B4: of twenty at once with a broken credential, one gets as far as the host', async () => {
    const first = await logon('v1');
    const others = Array.from({ length: 20 }, () => logon('v1'));
    first.refuse();
    await first.end();
    for (const other of others) await expect(other).rejects.toMatchObject(held);
  });

  it('also where it was taken a moment ago, from the first refusal on that no rotation explains', async () => {
    await (await logon('v1')).end('accepted');
    const [one, another] = [await logon('v1'), await logon('v1')];
    one.refuse();
    const late = logon('v1');
    expect(await isWaiting(late)).toBe(true);
    await another.end('unknown');
    expect(await isWaiting(late)).toBe(true);
    await one.end();
    await expect(late).rejects.toMatchObject(held);
  });

  it('B1: holds nobody up in the middle of a rotation', async () => {
    await (await logon('v1')).end('accepted');
    const inRotation = (passedMs: number): void => {
      const grant = grantTo();
      const lease = new Lease(grant, toVersion(grant, value('v1', clock.now()), 'ACSCurrent'));
      clock.pass(passedMs);
      guard.refused(lease);
    };
    inRotation(recentMs);
    await logon('v1');
    inRotation(recentMs + 1);
    expect(await isWaiting(logon('v1'))).toBe(true);
  });

  it.each(['unknown', 'accepted'] as const)('goes on when the one ahead ends as %s, whatever that was', async (end) => {
    const first = await logon('v1');
    const second = logon('v1');
    await first.end(end);
    await second;
  });

  it('waits no longer than it says: on to the host, if that has said nothing yet; not, if it has refused', async () => {
    let wake = (): void => undefined;
    const slept: number[] = [];
    clock.sleep = (ms) => {
      slept.push(ms);
      return new Promise((resolve) => {
        wake = resolve;
      });
    };
    const first = await logon('v1');
    const second = logon('v1');
    await isWaiting(second);
    wake();
    await second;
    const third = logon('v1');
    await isWaiting(third);
    first.refuse();
    wake();
    await expect(third).rejects.toMatchObject(held);
    expect(slept).toEqual([LONGEST_WAIT_MS, LONGEST_WAIT_MS]);
  });
});
