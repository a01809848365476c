import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock.fake.js';
import { newSecret } from '../credential/conversation.suite.js';
import { FakeKms } from '../kms/kms.fake.js';
import { FollowRotation } from './follow-rotation.js';
import { timeOf, timeOrderedId } from './time-ordered-id.js';

describe('FollowRotation', () => {
  let clock: FakeClock;
  let kms: FakeKms;
  let follow: FollowRotation;
  const secret = newSecret('password');
  const newId = (): string => timeOrderedId(clock.now());
  const status = async (versionId: string) => (await follow.run(secret, versionId)).status;

  beforeEach(async () => {
    clock = new FakeClock();
    kms = new FakeKms(() => clock.now());
    follow = new FollowRotation(kms, clock);
    await kms.create(secret);
  });

  it('is rotating until the version is there, and done from then on', async () => {
    const versionId = newId();
    kms.rotations = 'held';
    await kms.rotate(secret, versionId);
    expect(await status(versionId)).toBe('rotating');
    kms.rotations = 'done';
    await kms.rotate(secret, versionId);
    expect(await follow.run(secret, versionId)).toMatchObject({ status: 'done', name: secret.name, versionId });
    for (let n = 0; n < 3; n++) await kms.rotate(secret, newId());
    expect(await status(versionId)).toBe('done');
  });

  it('is rotating while KMS shows the version as one that it is making', async () => {
    const versionId = newId();
    const listVersions = kms.listVersions.bind(kms);
    const making = { versionId, createdAt: clock.now().toISOString(), stages: ['ACSPending'] };
    kms.listVersions = async (...args) => [making, ...(await listVersions(...args))];
    expect(await status(versionId)).toBe('rotating');
    making.stages = ['ACSCurrent'];
    expect(await status(versionId)).toBe('done');
  });

  it('has failed when KMS says Invalid since', async () => {
    const versionId = newId();
    kms.rotations = 'failed';
    clock.pass(2_000);
    await kms.rotate(secret, versionId);
    expect(await follow.run(secret, versionId)).toMatchObject({ status: 'failed', automaticRotation: 'Invalid' });
  });

  it('is not taken for failed because an earlier one was', async () => {
    kms.rotations = 'failed';
    await kms.rotate(secret, newId());
    clock.pass(60_000);
    kms.rotations = 'held';
    const again = newId();
    await kms.rotate(secret, again);
    expect(await status(again)).toBe('rotating');
    clock.pass(601_000);
    expect(await status(again)).toBe('failed');
  });

  it('waits for three seconds when KMS wrote in the second of the request, as that may be an earlier failure', async () => {
    kms.rotations = 'failed';
    await kms.rotate(secret, newId());
    clock.pass(900);
    const again = newId();
    expect(await status(again)).toBe('rotating');
    clock.pass(3_001);
    expect(await status(again)).toBe('failed');
  });

  it('takes an Invalid at its word for an id that tells no time', async () => {
    kms.rotations = 'failed';
    await kms.rotate(secret, 'mine');
    expect(await status('mine')).toBe('failed');
  });

  it('says when there is no such secret', async () => {
    const none = follow.run({ ...secret, name: 'acs/ecs/none' }, newId());
    await expect(none).rejects.toMatchObject({ code: 'secret.not-found' });
  });
});

it('an id tells the time it was made at, is version 7, and each is another', () => {
  const now = new Date('2026-11-26T12:34:56.789Z');
  const [one, other] = [timeOrderedId(now), timeOrderedId(now)];
  expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(timeOf(one)).toEqual(now);
  expect(one).not.toBe(other);
  expect(timeOf('00000000-0000-4000-8000-000000000000')).toBeUndefined();
});
