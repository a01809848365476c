import { randomUUID } from 'node:crypto';
import { Secret } from '@sallyport/secret';
import { waitFor } from '@sallyport/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Kms, NewSecret } from './kms.js';

/** What KMS does, whoever plays it. */
export function kmsSuite(
  name: string,
  open: () => Promise<{ kms: Kms; regionId: string; instanceId: string; userName: string }>,
): void {
  describe(name, () => {
    let kms: Kms;
    let secret: NewSecret;
    let passwordData: string;
    const versionId = (): string => randomUUID();

    beforeEach(async () => {
      const opened = await open();
      kms = opened.kms;
      const { regionId, instanceId } = opened;
      passwordData = JSON.stringify({ UserName: opened.userName, Password: `p@ss w*rd(1)!'~+%&="\\ ü` });
      const data = Secret.of(passwordData);
      secret = { name: `acs/ecs/${randomUUID()}`, regionId, instanceId, versionId: 'v1', kind: 'password', data };
    });

    const rotateTo = async (version: string): Promise<void> => {
      await kms.rotate(secret, version);
      const options = { timeoutMs: 10_000, what: 'the rotation to end' };
      await waitFor(async () => (await kms.readValue(secret, 'ACSCurrent')).versionId === version, options);
    };

    it('gives back the value that a secret was made with, and its version', async () => {
      expect((await kms.create(secret)).requestId).not.toBe('');
      const value = await kms.readValue(secret, 'ACSCurrent');
      expect(value.data.expose()).toBe(passwordData);
      expect(value).toMatchObject({ versionId: 'v1' });
      expect(value.requestId).not.toBe('');
      expect(value.lastRotationAt).toBeUndefined();
    });

    it('describes a secret as it was made', async () => {
      const tags = [{ key: 'env', value: 'test' }];
      await kms.create({ ...secret, tags, description: 'a test', rotationIntervalSeconds: 86_400 });
      const { regionId, instanceId } = secret;
      const facts = { name: secret.name, regionId, instanceId, kind: 'password', type: 'ECS' };
      const rotation = { automaticRotation: 'Enabled', rotationIntervalSeconds: 86_400 };
      expect(await kms.describe(secret)).toMatchObject({ ...facts, ...rotation, tags, description: 'a test' });
    });

    it('refuses a second secret of one name, and one that is in its deletion window', async () => {
      await kms.create(secret);
      await expect(kms.create({ ...secret, versionId: versionId() })).rejects.toMatchObject({ code: 'secret.exists' });
      await kms.delete(secret, { force: false });
      await expect(kms.create({ ...secret, versionId: versionId() })).rejects.toMatchObject({ code: 'secret.exists' });
    });

    it('lists secrets over several pages', async () => {
      const names = ['a', 'b', 'c'].map((suffix) => `${secret.name}${suffix}`);
      for (const name of names) await kms.create({ ...secret, name });
      const found: string[] = [];
      for (let number = 1, total = Infinity; (number - 1) * 2 < total; number++) {
        const { items, totalCount } = await kms.list(secret.regionId, { number, size: 2 });
        found.push(...items.map((item) => item.name));
        total = totalCount;
      }
      expect(found).toEqual(expect.arrayContaining(names));
    });

    it('B1: rotates to a new version and keeps the previous one readable', async () => {
      await kms.create(secret);
      await expect(kms.readValue(secret, 'ACSPrevious')).rejects.toMatchObject({ code: 'secret.not-found' });
      const next = versionId();
      await rotateTo(next);
      expect(await kms.readValue(secret, 'ACSPrevious')).toMatchObject({ versionId: 'v1' });
      expect((await kms.readValue(secret, 'ACSCurrent')).lastRotationAt).toBeInstanceOf(Date);
      const stages = Object.fromEntries((await kms.listVersions(secret)).map((one) => [one.versionId, one.stages]));
      expect(stages).toEqual({ [next]: ['ACSCurrent'], v1: ['ACSPrevious'] });
    });

    it('does not rotate twice for one version id', async () => {
      await kms.create(secret);
      const next = versionId();
      await rotateTo(next);
      await rotateTo(versionId());
      const { versionId: current } = await kms.readValue(secret, 'ACSCurrent');
      await kms.rotate(secret, next);
      expect(await kms.readValue(secret, 'ACSCurrent')).toMatchObject({ versionId: current });
    });

    it('B6: a secret in its deletion window is not readable, and is again once restored', async () => {
      await kms.create(secret);
      await expect(kms.restore(secret)).rejects.toMatchObject({ code: 'secret.not-deleted' });
      const { plannedDeleteAt = '' } = await kms.delete(secret, { force: false, recoveryWindowDays: 7 });
      expect(Date.parse(plannedDeleteAt)).toBeGreaterThan(Date.now() + 6 * 86_400_000);
      expect((await kms.describe(secret)).plannedDeleteAt).toBeDefined();
      await expect(kms.readValue(secret, 'ACSCurrent')).rejects.toMatchObject({ code: 'secret.deleted' });
      await expect(kms.rotate(secret, versionId())).rejects.toMatchObject({ code: 'secret.deleted' });
      await kms.restore(secret);
      expect(await kms.readValue(secret, 'ACSCurrent')).toMatchObject({ versionId: 'v1' });
    });

    it('B6: a secret that was deleted for ever is not found', async () => {
      await kms.create(secret);
      expect((await kms.delete(secret, { force: true })).plannedDeleteAt).toBeUndefined();
      for (const look of [kms.readValue(secret, 'ACSCurrent'), kms.describe(secret), kms.rotate(secret, 'v2')]) {
        await expect(look).rejects.toMatchObject({ code: 'secret.not-found', retryable: false });
      }
    });

    it('turns automatic rotation on and off', async () => {
      await kms.create(secret);
      await kms.setRotation(secret, 7_200);
      const on = { automaticRotation: 'Enabled', rotationIntervalSeconds: 7_200 };
      expect(await kms.describe(secret)).toMatchObject(on);
      await kms.setRotation(secret, undefined);
      expect(await kms.describe(secret)).toMatchObject({ automaticRotation: 'Disabled' });
    });
  });
}
