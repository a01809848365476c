import { randomUUID } from 'node:crypto';
import {
  CreateSecretV1,
  DeleteSecretV1,
  GetRotationV1,
  GetSecretPolicyV1,
  GetSecretV1,
  ListKmsInstancesV1,
  ListKmsKeysV1,
  ListKmsRegionsV1,
  RotateSecretV1,
  SetSecretPolicyV1,
  SetSecretTagsV1,
  UpdateSecretV1,
} from '@sallyport/contracts';
import type { CredentialKind, Role } from '@sallyport/contracts';
import type { Bus } from '@sallyport/messaging';
import { Secret } from '@sallyport/secret';
import { waitFor } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { StaticKey } from '../kms/credentials.alicloud.js';
import type { KmsAction } from '../kms/kms-gateway.js';
import { AlicloudGateway } from '../kms/kms.alicloud.js';
import type { startWorld } from '../testing/broker-processes.suite.js';

/** Events come to a subscriber when they will, often after the answer that they are about. */
export const atLast = { timeout: 30_000 };

/** What the suite needs of a broker that runs. */
interface RunningBroker {
  readonly world: Awaited<ReturnType<typeof startWorld>>;
  /** As the API asks. */
  readonly api: Bus;
  /** An identity of somebody with these roles. */
  readonly actor: (...roles: Role[]) => Promise<string>;
  readonly createSecret: (kind: CredentialKind) => Promise<{ name: string; regionId: string }>;
  /** The data of all events so far of a name. */
  readonly recorded: (name: string) => Record<string, unknown>[];
}

/** What a secret administrator asks of a broker, over NATS. */
export function secretRequests(running: () => RunningBroker): void {
  it('changes all that may be changed of a secret, each with what was before on record', async () => {
    const { api, actor, createSecret, recorded } = running();
    const { name, regionId } = await createSecret('password');
    const one = { actor: await actor('secret-admin'), name, regionId };
    await api.request(UpdateSecretV1, { ...one, description: 'web', customData: { ticket: 'T-1' } });
    const tags = [{ key: 'env', value: 'prod' }];
    const changed = await api.request(SetSecretTagsV1, { ...one, tags });
    expect(changed).toMatchObject({ description: 'web', customData: { ticket: 'T-1' }, tags });
    const access = { administrators: ['user/ann'], users: [], crossAccountUsers: ['acs:ram::2:user/eve'] };
    const before = await api.request(GetSecretPolicyV1, one);
    const after = await api.request(SetSecretPolicyV1, { ...one, access });
    expect(after.access?.administrators).toEqual([expect.stringMatching(/^acs:ram::\d{16}:user\/ann$/)]);
    expect(await api.request(GetSecretPolicyV1, one)).toEqual(after);
    const faces = () => recorded('secret.updated').filter((data) => data['secretName'] === name);
    await expect.poll(faces, atLast).toMatchObject([
      { before: {}, after: { description: 'web', customData: { ticket: 'T-1' } } },
      { before: { tags: [] }, after: { tags } },
    ]);
    const policies = { secretName: name, before: before.policy, after: after.policy };
    await expect
      .poll(() => recorded('secret.policy-changed'), atLast)
      .toContainEqual(expect.objectContaining(policies));
    const refused = api.request(SetSecretPolicyV1, { ...one, policy: '{}' });
    await expect(refused).rejects.toMatchObject({ code: 'request.invalid' });
  });

  it('makes the value itself, which nobody gets back, and follows rotations to their end, the failed one too', async () => {
    const { world, api, actor } = running();
    const { regionId, instanceId } = world.emulator;
    const one = { actor: await actor('secret-admin'), name: `acs/ecs/${randomUUID()}`, regionId };
    const generate = { userName: world.emulator.userName };
    const created = await api.request(CreateSecretV1, { ...one, instanceId, kind: 'ssh-key', generate });
    const warnings = new Set(created.warnings?.map(({ code }) => code));
    expect(warnings).toEqual(new Set(['same-account', 'value-not-on-instance']));
    const end = async (versionId: string) => {
      const options = { timeoutMs: 60_000, what: 'the rotation to end' };
      return waitFor(async () => {
        const rotation = await api.request(GetRotationV1, { ...one, versionId });
        return rotation.status !== 'rotating' && rotation;
      }, options);
    };
    await world.emulator.admin('PUT', 'rotation', { fail: 'before' });
    const failing = await api.request(RotateSecretV1, one);
    expect(await end(failing.versionId)).toMatchObject({ status: 'failed', automaticRotation: 'Invalid' });
    await world.emulator.admin('PUT', 'rotation', { fail: null });
    const { versionId } = await api.request(RotateSecretV1, one);
    expect(await end(versionId)).toMatchObject({ status: 'done' });
    // KMS may name the version before it says that the rotation is over.
    const isOver = async (): Promise<boolean> =>
      (await api.request(GetRotationV1, { ...one, versionId })).automaticRotation === 'Disabled';
    await waitFor(isOver, { what: 'the rotation to be over' });
    await api.request(DeleteSecretV1, { ...one, force: true });
  });

  it('lists what a new secret can be made with, and refuses a key that is of another kind', async () => {
    const { world, api, actor } = running();
    const asked = { actor: await actor('secret-admin') };
    const { regionId, instanceId } = world.emulator;
    expect((await api.request(ListKmsRegionsV1, asked)).items).toEqual([{ regionId }]);
    const [kmsInstance] = (await api.request(ListKmsInstancesV1, asked)).items;
    const { items } = await api.request(ListKmsKeysV1, {
      ...asked,
      limit: 100,
      ...(kmsInstance && { kmsInstanceId: kmsInstance.kmsInstanceId }),
    });
    expect(items.some(({ encryptsSecrets }) => encryptsSecrets)).toBe(true);
    const one = { ...asked, name: `acs/ecs/${randomUUID()}`, regionId, instanceId, kind: 'password' as const };
    const request = { ...one, generate: { userName: 'root' }, encryptionKeyId: 'key-none' };
    await expect(api.request(CreateSecretV1, request)).rejects.toMatchObject({
      code: 'kms.key-unavailable',
      cloud: { code: 'Forbidden.KeyNotFound', requestId: expect.any(String) as string },
    });
    const encryptionKeyId = await newKey({ KeySpec: 'RSA_2048' });
    const { items: keys } = await api.request(ListKmsKeysV1, { ...asked, limit: 100 });
    expect(keys.find(({ keyId }) => keyId === encryptionKeyId)?.encryptsSecrets).toBe(false);
    await expect(api.request(CreateSecretV1, { ...request, encryptionKeyId })).rejects.toMatchObject({
      code: 'request.invalid',
      message: expect.stringMatching(/symmetric.*RSA_2048/) as string,
    });
  });

  /** As somebody who may do everything in the cloud makes it. */
  const newKey = async (parameters: Record<string, string>): Promise<string> => {
    const { world } = running();
    const { endpoint, regionId, accessKeyId, accessKeySecret } = world.emulator;
    const accessKey = new StaticKey(accessKeyId, Secret.of(accessKeySecret));
    const gateway = new AlicloudGateway({ endpoint, parametersIn: 'body', accessKey });
    const action = 'CreateKey' as KmsAction; // the broker never does
    const answer = await gateway.call({ regionId, action, parameters, timeoutMs: 10_000 });
    return (answer as { KeyMetadata: { KeyId: string } }).KeyMetadata.KeyId;
  };

  it('refuses who is no secret-admin, and puts that on record', async () => {
    const { api, actor, recorded } = running();
    const one = { actor: await actor('bastion-admin', 'auditor'), name: 'acs/ecs/x' };
    await expect(api.request(GetSecretV1, one)).rejects.toMatchObject({ code: 'access.forbidden' });
    await expect
      .poll(() => recorded('request.refused'), atLast)
      .toContainEqual(expect.objectContaining({ operation: GetSecretV1.subject }));
  });
}
