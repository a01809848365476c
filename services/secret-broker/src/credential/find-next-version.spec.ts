import { randomUUID } from 'node:crypto';
import { RefreshCredentialV1 } from '@sallyport/contracts';
import { Secret } from '@sallyport/secret';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../clock.js';
import { FakeClock } from '../clock.fake.js';
import type { KmsError } from '../kms/kms-error.js';
import { FakeKms } from '../kms/kms.fake.js';
import type { NewSecret } from '../kms/kms-administration.js';
import { FindNextVersion } from './find-next-version.js';

const times = { waitMs: 5_000, recentMs: 120_000 };

describe('FindNextVersion', () => {
  let clock: FakeClock;
  let kms: FakeKms;
  let find: FindNextVersion;
  const secret: NewSecret = {
    name: 'acs/ecs/web',
    regionId: 'cn-hangzhou',
    instanceId: 'i-1',
    kind: 'password',
    versionId: 'v1',
    data: Secret.of('{}'),
  };

  beforeEach(async () => {
    clock = new FakeClock();
    kms = new FakeKms(() => clock.now());
    find = new FindNextVersion(kms, clock, times);
    await kms.create(secret);
  });

  const after = (versionId: string, tried: string[] = []) =>
    find.run(secret, { versionId, isLast: tried.length > 0, tried: new Set([...tried, versionId]) });
  /** What happens while somebody sleeps for the `nth` time. */
  const whileAsleep = (nth: number, act: () => Promise<unknown>) => {
    clock.sleep = async (ms) => {
      clock.pass(ms);
      if (clock.sleeps.push(ms) === nth) await act();
    };
  };

  it('B2: the host is ahead: takes the version that KMS names meanwhile', async () => {
    await kms.rotate(secret, 'v2');
    clock.pass(1_500);
    expect(await after('v1')).toMatchObject({ value: { versionId: 'v2' }, stage: 'ACSCurrent' });
    expect(clock.sleeps).toEqual([]);
  });

  it('B2: the host is ahead: waits with short pauses until KMS names another version', async () => {
    const found = after('v1');
    whileAsleep(3, () => kms.rotate(secret, 'v2'));
    expect(await found).toMatchObject({ value: { versionId: 'v2' }, stage: 'ACSCurrent' });
    const pauses = clock.sleeps.slice(0, 3);
    expect(pauses).toEqual([150, 150, 150]);
    // It was seen at the end of the third pause, and had changed half a pause before, as far as anybody knows.
    expect(clock.sleeps.slice(3)).toEqual([450 - 75]);
  });

  it('B2: waits for 5 s at most when nothing changes, and says that the host refuses', async () => {
    const startedAt = clock.now().getTime();
    await expect(after('v1')).rejects.toMatchObject({ code: 'target.refused-credential' });
    expect(clock.now().getTime() - startedAt).toBeLessThanOrEqual(5_000);
    expect(kms.calls.filter((call) => call === 'GetSecretValue').length).toBeLessThan(40);
  });

  it('B3: KMS is ahead: takes the previous version at once when the rotation is recent', async () => {
    await kms.rotate(secret, 'v2');
    clock.pass(60_000);
    expect(await after('v2')).toMatchObject({ value: { versionId: 'v1' }, stage: 'ACSPrevious' });
    expect(clock.sleeps).toEqual([]);
  });

  it('B3: does not take the previous version long after the rotation', async () => {
    await kms.rotate(secret, 'v2');
    clock.pass(120_001);
    await expect(after('v2')).rejects.toMatchObject({ code: 'target.refused-credential' });
  });

  it('B3: the last attempt is for the current version again, when the host had time to catch up', async () => {
    await kms.rotate(secret, 'v2');
    const again = await after('v1', ['v2']);
    expect(again).toMatchObject({ value: { versionId: 'v2' }, stage: 'ACSCurrent' });
    expect(clock.sleeps).toEqual(Array(10).fill(150));
  });

  it('B3: the last attempt is for a version that is new, once nothing has changed for a while', async () => {
    await kms.rotate(secret, 'v2');
    await kms.rotate(secret, 'v3');
    clock.pass(2_000);
    expect(await after('v1', ['v2'])).toMatchObject({ value: { versionId: 'v3' } });
    expect(clock.sleeps).toEqual(Array(10).fill(150));
  });

  it('B3: the last attempt is for a version that was seen to be new, where rotations follow each other', async () => {
    await kms.rotate(secret, 'v2');
    await kms.rotate(secret, 'v3');
    clock.pass(900);
    whileAsleep(2, () => kms.rotate(secret, 'v4'));
    expect(await after('v1', ['v2'])).toMatchObject({ value: { versionId: 'v4' } });
    expect(clock.sleeps.slice(0, 2)).toEqual([150, 150]);
    expect(clock.sleeps).toHaveLength(3);
  });

  it('B3: the last attempt is not spent in the moment in which KMS changes', async () => {
    await kms.rotate(secret, 'v2');
    whileAsleep(2, () => kms.rotate(secret, 'v3'));
    expect(await after('v1', ['v2'])).toMatchObject({ value: { versionId: 'v3' } });
    expect(clock.sleeps).toEqual([150, 150, 450 - 75]);
  });

  it('B2, B3: a version that was new at the first look is given the same moment, by what KMS says of its rotation', async () => {
    clock.pass(400);
    await kms.rotate(secret, 'v2');
    expect(await after('v1')).toMatchObject({ value: { versionId: 'v2' }, stage: 'ACSCurrent' });
    // The clock stands at .400 of the second in which KMS says that it rotated.
    expect(clock.sleeps).toHaveLength(1);
    expect(clock.sleeps[0]).toBeLessThanOrEqual(450);
  });

  it('B3: gives the same moment when the clock of KMS is ahead of ours', async () => {
    kms.skewMs = 30_000;
    await kms.rotate(secret, 'v2');
    expect(await after('v1')).toMatchObject({ value: { versionId: 'v2' }, stage: 'ACSCurrent' });
    expect(clock.sleeps).toEqual([450]);
  });

  it('B3: the last attempt waits for 5 s at most, and is then spent on what there is', async () => {
    await kms.rotate(secret, 'v2');
    kms.failRotation(secret);
    const startedAt = clock.now().getTime();
    expect(await after('v1', ['v2'])).toMatchObject({ value: { versionId: 'v2' }, stage: 'ACSCurrent' });
    const waitedMs = clock.now().getTime() - startedAt;
    expect(waitedMs).toBeGreaterThan(4_500);
    expect(waitedMs).toBeLessThanOrEqual(5_000);
  });

  it('B2, B3: after a failed rotation nothing but the next one helps: the previous version is not tried', async () => {
    await kms.rotate(secret, 'v2');
    kms.failRotation(secret);
    whileAsleep(4, () => kms.rotate(secret, 'v3'));
    expect(await after('v2')).toMatchObject({ value: { versionId: 'v3' }, stage: 'ACSCurrent' });
    expect(kms.calls.filter((call) => call === 'GetSecretValue')).toHaveLength(5);
    kms.failRotation(secret);
    await expect(after('v3')).rejects.toThrow(/its last rotation failed, ask an administrator/);
    // A version that nobody has tried is tried in the end, since the rotation may have failed before it changed the host.
    expect(await after('v2')).toMatchObject({ value: { versionId: 'v3' } });
  });

  it('B2: says that a rotation is under way when it is', async () => {
    await kms.rotate(secret, randomUUID());
    await kms.rotate(secret, 'v3');
    clock.sleep = (ms) => {
      clock.pass(ms);
      return Promise.resolve();
    };
    const tried = new Set((await kms.listVersions(secret)).map(({ versionId }) => versionId));
    await expect(find.run(secret, { versionId: 'v3', isLast: false, tried })).rejects.toThrow(
      /being rotated, try again/,
    );
  });

  it('B6: passes on that the secret was deleted meanwhile', async () => {
    await kms.delete(secret, { force: true });
    await expect(after('v1')).rejects.toMatchObject({ code: 'secret.not-found' });
  });
});

describe('FindNextVersion, with a KMS that takes its time', () => {
  let readMs: number;
  const now = () => new Date();
  const pass = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const clock: Clock = { now, sleep: pass };
  class SlowKms extends FakeKms {
    override async readValue(...asked: Parameters<FakeKms['readValue']>) {
      await pass(readMs);
      return super.readValue(...asked);
    }
  }
  const kms = new SlowKms(now);
  const address = { name: 'acs/ecs/web', regionId: 'cn-hangzhou' };

  beforeAll(async () => {
    const data = Secret.of('{}');
    await kms.create({ ...address, instanceId: 'i-1', kind: 'password', versionId: 'v1', data });
  });
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** What comes of it, and after how long. */
  async function after(versionId: string, tried: string[], isLast: boolean) {
    const startedAt = Date.now();
    const asked = { versionId, tried: new Set([...tried, versionId]), isLast };
    const outcome = new FindNextVersion(kms, clock, times).run(address, asked).then(
      ({ value }) => value.versionId,
      (error: unknown) => (error as KmsError).code,
    );
    const ended = outcome.then((what) => ({ what, tookMs: Date.now() - startedAt }));
    await vi.advanceTimersByTimeAsync(60_000);
    return ended;
  }

  it('B6: says that KMS is too slow before session gives up', async () => {
    readMs = 3_900;
    await kms.rotate(address, 'v2');
    const { what, tookMs } = await after('v2', ['v1'], false);
    expect(what).toBe('kms.timeout');
    expect(tookMs).toBeLessThan(RefreshCredentialV1.timeoutMs - 1_000);
  });

  it('B3: spends the last attempt on what KMS has named by then', async () => {
    readMs = 7_000;
    await kms.rotate(address, 'v3');
    kms.failRotation(address);
    const { what, tookMs } = await after('v2', ['v1'], true);
    expect(what).toBe('v3');
    expect(tookMs).toBeLessThan(RefreshCredentialV1.timeoutMs - 1_000);
  });
});
