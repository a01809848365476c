import { randomBytes } from 'node:crypto';
import {
  CreateSecretRoute,
  DeleteSecretRoute,
  GetSecretPolicyRoute,
  ListEventsRoute,
  MeRoute,
  RestoreSecretRoute,
  SetRotationPolicyRoute,
  SetSecretPolicyRoute,
  SetSecretTagsRoute,
  UpdateSecretRoute,
} from '@sallyport/contracts';
import { waitFor, type RestClient } from '@sallyport/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { registerHost, regionId, rotate } from './support/real-host.js';
import { emulator, signInAs } from './support/sallyport.js';

const run = randomBytes(4).toString('hex');
const host = { instanceId: `i-record-${run}`, name: `record-${run}` };
const name = `acs/ecs/record-${run}`;
const params = { name };
const password = randomBytes(16).toString('hex');

let admin: RestClient;
let auditor: RestClient;
beforeAll(async () => {
  [admin, auditor] = await Promise.all([signInAs('admin'), signInAs('auditor')]);
  await registerHost(host);
});
afterAll(() => emulator('DELETE', `instances/${host.instanceId}`));

/** All that the log has of the secret, once it has so many events of a kind. */
async function eventsOnce(count: number, kind: string): Promise<{ name: string; data: Record<string, unknown> }[]> {
  return waitFor(
    async () => {
      const { items } = await auditor.call(ListEventsRoute, { query: { secretName: name, limit: 200 } });
      const events = items.map(({ type, data }) => ({ name: type.replace(/^io\.sallyport\.|\.v1$/g, ''), data }));
      return events.filter((event) => event.name === kind).length >= count && events;
    },
    { what: `${count} of ${kind} on record` },
  );
}

it('an auditor finds each change of a secret: who, before and after, and what KMS said, but no value', async () => {
  const { id: actorId } = await admin.call(MeRoute);
  const face = { description: 'first', customData: { ticket: 'T-1' }, tags: [{ key: 'env', value: 'prod' }] };
  const value = { kind: 'password', userName: 'root', password } as const;
  const { encryptionKeyId, kmsInstanceId } = await emulator<Record<'encryptionKeyId' | 'kmsInstanceId', string>>(
    'GET',
    'state',
  );
  const place = { instanceId: host.instanceId, encryptionKeyId, kmsInstanceId };
  const access = { administrators: ['user/ann'], users: [], crossAccountUsers: [] };
  const rotation = { intervalSeconds: 86_400 };
  await admin.call(CreateSecretRoute, { body: { name, regionId, ...place, ...value, ...face, rotation, access } });
  const first = (await admin.call(GetSecretPolicyRoute, { params })).policy;
  await admin.call(UpdateSecretRoute, { params, body: { description: 'second' } });
  const tags = [{ key: 'env', value: 'test' }];
  await admin.call(SetSecretTagsRoute, { params, body: { tags } });
  await admin.call(SetRotationPolicyRoute, { params, body: { enabled: true, intervalSeconds: 7_200 } });
  const { policy } = await admin.call(SetSecretPolicyRoute, { params, body: { access: { users: ['role/app'] } } });
  const versionId = await rotate(admin, name);
  await admin.call(DeleteSecretRoute, { params, query: { recoveryWindowDays: 7 } });
  await admin.call(RestoreSecretRoute, { params });
  await admin.call(DeleteSecretRoute, { params, query: { force: true } });

  const events = await eventsOnce(2, 'secret.deleted');
  const done = events.filter((event) => event.name !== 'secret.change-requested');
  const after = { ...face, description: 'second', tags };
  expect(done).toMatchObject([
    {
      name: 'secret.created',
      data: {
        ...place,
        kind: 'password',
        userName: 'root',
        rotationIntervalSeconds: 86_400,
        after: face,
        policy: first,
      },
    },
    { name: 'secret.updated', data: { before: face, after: { ...face, description: 'second' } } },
    { name: 'secret.updated', data: { before: { tags: face.tags }, after } },
    {
      name: 'secret.rotation-policy-changed',
      data: {
        before: { automaticRotation: 'Enabled', rotationIntervalSeconds: 86_400 },
        ...{ enabled: true, rotationIntervalSeconds: 7_200 },
      },
    },
    { name: 'secret.policy-changed', data: { before: first, after: policy } },
    { name: 'secret.rotation-requested', data: { secretVersionId: versionId } },
    { name: 'secret.deleted', data: { before: { ...after, ...place, kind: 'password' }, force: false } },
    { name: 'secret.restored', data: { before: { plannedDeleteAt: expect.any(String) as string } } },
    { name: 'secret.deleted', data: { before: { ...after, ...place }, force: true } },
  ]);
  for (const { data } of done)
    expect(data).toMatchObject({
      actorId,
      regionId,
      kmsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/i) as string,
    });
  const requested = events
    .filter((event) => event.name === 'secret.change-requested')
    .map(({ data }) => data['operation']);
  const changes = [
    'create',
    'update',
    'set-tags',
    'set-rotation-policy',
    'set-policy',
    'rotate',
    'delete',
    'restore',
    'delete',
  ];
  expect(requested).toEqual(changes);
  expect(JSON.stringify(events)).not.toContain(password);
});

it('an auditor finds what was refused, by a rule of ours and by KMS', async () => {
  const { id: actorId } = await admin.call(MeRoute);
  const body = { name, instanceId: host.instanceId, regionId, kind: 'password', userName: 'root', password };
  const short = await admin.raw('POST', '/v1/kms/secrets', { ...body, rotation: { intervalSeconds: 60 } });
  expect(short.status).toBe(400);
  await expect(admin.call(UpdateSecretRoute, { params, body: { description: 'x' } })).rejects.toThrow('404');
  const refused = (await eventsOnce(2, 'secret.change-refused')).filter(
    (event) => event.name === 'secret.change-refused',
  );
  const facts = { actorId, secretName: name, regionId };
  expect(refused.map(({ data }) => data)).toEqual([
    { ...facts, operation: 'create', code: 'request.invalid' },
    {
      ...{ ...facts, operation: 'update', code: 'secret.not-found' },
      ...{ kmsCode: 'Forbidden.ResourceNotFound', kmsRequestId: expect.any(String) as string },
    },
  ]);
});
