import { randomUUID } from 'node:crypto';
import { Secret } from '@sallyport/secret';
import { waitFor } from '@sallyport/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { policyFor } from '../secret/secret-policy.js';
import type { KmsAdministration, NewSecret } from './kms-administration.js';
import type { Kms } from './kms.js';

/** A KMS, and what is there to be used. */
export interface KmsTarget {
  readonly kms: Kms;
  readonly administration: KmsAdministration;
  readonly regionId: string;
  readonly instanceId: string;
  readonly userName: string;
  /** What the names of its secrets begin with, `acs/ecs/` when it does not matter. */
  readonly namePrefix?: string;
}

/** Each of the intervals is one that all pages permit (reference, section 2.9). */
const [weekSeconds, fortnightSeconds] = [604_800, 1_209_600];

/** What KMS does, whoever plays it. @param rotationMs how long a rotation may take */
export function kmsSuite(name: string, open: () => Promise<KmsTarget>, rotationMs = 60_000): void {
  describe(name, { timeout: 60_000 + rotationMs }, () => {
    let kms: Kms;
    let administration: KmsAdministration;
    let secret: NewSecret;
    let passwordData: string;
    const versionId = (): string => randomUUID();

    beforeEach(async () => {
      const opened = await open();
      ({ kms, administration } = opened);
      const { regionId, instanceId, namePrefix = 'acs/ecs/' } = opened;
      passwordData = JSON.stringify({ UserName: opened.userName, Password: `p@ss w*rd(1)!'~+%&="\\ ü` });
      const data = Secret.of(passwordData);
      secret = { name: `${namePrefix}${randomUUID()}`, regionId, instanceId, versionId: 'v1', kind: 'password', data };
    });

    const rotateTo = async (version: string): Promise<void> => {
      await administration.rotate(secret, version);
      const options = { timeoutMs: rotationMs, what: 'the rotation to end' };
      await waitFor(async () => (await kms.readValue(secret, 'ACSCurrent')).versionId === version, options);
    };

    it('gives back the value that a secret was made with, and its version', async () => {
      expect((await administration.create(secret)).requestId).not.toBe('');
      const value = await kms.readValue(secret, 'ACSCurrent');
      expect(value.data.expose()).toBe(passwordData);
      expect(value).toMatchObject({ versionId: 'v1' });
      expect(value.requestId).not.toBe('');
      expect(value.lastRotationAt).toBeUndefined();
    });

    it('describes a secret as it was made', async () => {
      const tags = [{ key: 'env', value: 'test' }];
      await administration.create({ ...secret, tags, description: 'a test', rotationIntervalSeconds: weekSeconds });
      const { regionId, instanceId } = secret;
      const facts = { name: secret.name, regionId, instanceId, kind: 'password', type: 'ECS' };
      const rotation = { automaticRotation: 'Enabled', rotationIntervalSeconds: weekSeconds };
      expect(await kms.describe(secret)).toMatchObject({ ...facts, ...rotation, tags, description: 'a test' });
    });

    it('refuses a second secret of one name, and one that is in its deletion window', async () => {
      await administration.create(secret);
      await expect(administration.create({ ...secret, versionId: versionId() })).rejects.toMatchObject({
        code: 'secret.exists',
      });
      await administration.delete(secret, { force: false });
      await expect(administration.create({ ...secret, versionId: versionId() })).rejects.toMatchObject({
        code: 'secret.exists',
      });
    });

    it('lists secrets over several pages', async () => {
      const names = ['a', 'b', 'c'].map((suffix) => `${secret.name}${suffix}`);
      for (const name of names) await administration.create({ ...secret, name });
      const found: string[] = [];
      for (let number = 1, total = Infinity; (number - 1) * 2 < total; number++) {
        const { items, totalCount } = await kms.list(secret.regionId, { number, size: 2 });
        found.push(...items.map((item) => item.name));
        total = totalCount;
      }
      expect(found).toEqual(expect.arrayContaining(names));
    });

    it('B1: rotates to a new version and keeps the previous one readable', async () => {
      await administration.create(secret);
      await expect(kms.readValue(secret, 'ACSPrevious')).rejects.toMatchObject({ code: 'secret.not-found' });
      const next = versionId();
      await rotateTo(next);
      expect(await kms.readValue(secret, 'ACSPrevious')).toMatchObject({ versionId: 'v1' });
      expect((await kms.readValue(secret, 'ACSCurrent')).lastRotationAt).toBeInstanceOf(Date);
      const stages = Object.fromEntries((await kms.listVersions(secret)).map((one) => [one.versionId, one.stages]));
      expect(stages).toEqual({ [next]: ['ACSCurrent'], v1: ['ACSPrevious'] });
    });

    it('does not rotate twice for one version id', async () => {
      await administration.create(secret);
      const next = versionId();
      await rotateTo(next);
      await rotateTo(versionId());
      const { versionId: current } = await kms.readValue(secret, 'ACSCurrent');
      await administration.rotate(secret, next);
      expect(await kms.readValue(secret, 'ACSCurrent')).toMatchObject({ versionId: current });
    });

    it('B6: a secret in its deletion window is not readable, and is again once restored', async () => {
      await administration.create(secret);
      await expect(administration.restore(secret)).rejects.toMatchObject({ code: 'secret.not-deleted' });
      const { plannedDeleteAt = '' } = await administration.delete(secret, { force: false, recoveryWindowDays: 7 });
      expect(Date.parse(plannedDeleteAt)).toBeGreaterThan(Date.now() + 6 * 86_400_000);
      expect((await kms.describe(secret)).plannedDeleteAt).toBeDefined();
      await expect(kms.readValue(secret, 'ACSCurrent')).rejects.toMatchObject({ code: 'secret.deleted' });
      await expect(administration.rotate(secret, versionId())).rejects.toMatchObject({ code: 'secret.deleted' });
      await administration.restore(secret);
      expect(await kms.readValue(secret, 'ACSCurrent')).toMatchObject({ versionId: 'v1' });
    });

    it('B6: a secret that was deleted for ever is not found', async () => {
      await administration.create(secret);
      expect((await administration.delete(secret, { force: true })).plannedDeleteAt).toBeUndefined();
      for (const look of [
        () => kms.readValue(secret, 'ACSCurrent'),
        () => kms.describe(secret),
        () => administration.rotate(secret, 'v2'),
      ]) {
        await expect(look()).rejects.toMatchObject({ code: 'secret.not-found', retryable: false });
      }
    });

    it('turns automatic rotation on and off', async () => {
      await administration.create(secret);
      await administration.setRotation(secret, fortnightSeconds);
      const on = { automaticRotation: 'Enabled', rotationIntervalSeconds: fortnightSeconds };
      expect(await kms.describe(secret)).toMatchObject(on);
      await administration.setRotation(secret, undefined);
      expect(await kms.describe(secret)).toMatchObject({ automaticRotation: 'Disabled' });
    });

    it('changes description, custom data and tags, each for itself, and tags ten a call', async () => {
      await administration.create({ ...secret, description: 'first', tags: [{ key: 'a', value: '1' }] });
      await administration.update(secret, { description: 'second ü "' });
      await administration.update(secret, { customData: { ticket: 'T-1', '': 'empty' } });
      await administration.tag(secret, [
        { key: 'a', value: '2' },
        { key: 'b', value: '' },
      ]);
      const changed = { description: 'second ü "', customData: { ticket: 'T-1', '': 'empty' } };
      const described = await kms.describe(secret);
      expect(described).toMatchObject(changed);
      const tags = [...(described.tags ?? [])].sort((one, other) => (one.key < other.key ? -1 : 1));
      expect(tags).toEqual([
        { key: 'a', value: '2' },
        { key: 'b', value: '' },
      ]);
      await administration.untag(secret, ['a']);
      expect((await kms.describe(secret)).tags).toEqual([{ key: 'b', value: '' }]);
      const tens = [0, 10].map((from) => Array.from({ length: 10 }, (_, at) => ({ key: `k${from + at}`, value: '' })));
      await administration.untag(secret, ['b']);
      for (const some of tens) await administration.tag(secret, some);
      expect((await kms.describe(secret)).tags).toHaveLength(20);
      for (const some of tens) {
        const keys = some.map(({ key }) => key);
        await administration.untag(secret, keys);
      }
      expect((await kms.describe(secret)).tags).toEqual([]);
    });

    it('has a policy for each secret, another one once it is set', async () => {
      await administration.create(secret);
      const owner = /^acs:kms:[^:]*:(\d+):/.exec((await kms.describe(secret)).arn ?? '')?.[1] ?? 'none';
      expect(JSON.parse(await administration.readPolicy(secret))).toMatchObject({
        Statement: [{ Effect: 'Allow', Principal: { RAM: [`acs:ram::${owner}:*`] }, Action: ['kms:*'] }],
      });
      const policy = policyFor({ administrators: ['user/ann'], users: [], crossAccountUsers: [] }, owner);
      await administration.setPolicy(secret, policy);
      expect(await administration.readPolicy(secret)).toBe(policy);
    });

    it('makes passwords, each another one', async () => {
      const made = await Promise.all([1, 2].map(() => administration.newPassword(secret.regionId, 32)));
      const [one = '', other = ''] = made.map((password) => password.expose());
      expect([one.length, other.length]).toEqual([32, 32]);
      expect(one).not.toBe(other);
    });
  });
}
