import { beforeEach, describe, expect, it } from 'vitest';
import { call, passwordSecret } from '../signed-request.suite.js';
import type { Keys, Reply } from '../signed-request.suite.js';
import { captured, startEmulator } from '../start-emulator.suite.js';
import type { Admin } from '../start-emulator.suite.js';
import { Situation } from './situation.js';

const SecretName = 'acs/ecs/web-01';
const sts = '2015-04-01';

let admin: Admin;
let endpoint: string;
beforeEach(async () => {
  const started = await startEmulator();
  ({ admin } = started);
  ({ endpoint } = started.emulator);
  await kms('CreateSecret', passwordSecret());
});

const kms = (action: string, parameters: Record<string, string> = {}, keys?: Keys): Promise<Reply> =>
  call(endpoint, action, { SecretName, ...parameters }, '2016-01-20', keys);
const read = (parameters: Record<string, string> = {}, keys?: Keys): Promise<Reply> =>
  kms('GetSecretValue', parameters, keys);
const nobody = async (more: object = {}): Promise<Keys> =>
  (await admin('PUT', 'ram/users/nobody', { policies: [], ...more })) as unknown as Keys;
const temporary = async (): Promise<Keys & { SecurityToken: string }> => {
  const token = (await admin('GET', 'sts')) as Record<'AccessKeyId' | 'AccessKeySecret' | 'SecurityToken', string>;
  return {
    accessKeyId: token.AccessKeyId,
    accessKeySecret: token.AccessKeySecret,
    SecurityToken: token.SecurityToken,
  };
};
const assumeRole = async (keys?: Keys): Promise<Reply> => {
  const { accountId } = (await admin('GET', 'state')) as { accountId: string };
  const parameters = { RoleArn: `acs:ram::${accountId}:role/none`, RoleSessionName: 'test' };
  return call(endpoint, 'AssumeRole', parameters, sts, keys);
};

/** How each comes about, and what it is answered with unless the rules say otherwise. */
const situations: Record<Situation, [status: number, code: string, provoke: () => Promise<Reply>]> = {
  'unknown-operation': [404, 'InvalidApi.NotFound', () => kms('NoSuchOperation')],
  'operation-not-built': [400, 'UnsupportedOperation', () => kms('Encrypt')],
  'unknown-access-key': [
    404,
    'InvalidAccessKeyId.NotFound',
    () => read({}, { accessKeyId: 'LTAInone', accessKeySecret: 'x' }),
  ],
  'inactive-access-key': [
    400,
    'InvalidAccessKeyId.Inactive',
    async () => {
      const accessKey = { accessKeyId: 'LTAIold', accessKeySecret: 'x', active: false };
      return read({}, await nobody({ accessKey }));
    },
  ],
  'expired-token': [
    404,
    'InvalidAccessKeyId.NotFound',
    async () => {
      const { SecurityToken, ...keys } = await temporary();
      await admin('PUT', 'clock', { offsetMs: 3_700_000 });
      return read({ SecurityToken }, keys);
    },
  ],
  'wrong-token': [
    400,
    'InvalidSecurityToken.MismatchWithAccessKey',
    async () => read({ SecurityToken: 'another' }, await temporary()),
  ],
  'missing-signature': [
    400,
    'MissingSignature',
    async () => {
      const query = `Action=GetSecretValue&Version=2016-01-20&AccessKeyId=${captured.accessKeyId}`;
      const response = await fetch(`http://${endpoint}/?${query}`);
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
  ],
  'wrong-signature': [
    400,
    'SignatureDoesNotMatch',
    () => read({}, { accessKeyId: captured.accessKeyId, accessKeySecret: 'wrong' }),
  ],
  'time-off': [
    400,
    'InvalidTimeStamp.Expired',
    async () => {
      await admin('PUT', 'clock', { offsetMs: 3_600_000 });
      return read();
    },
  ],
  'missing-parameter': [400, 'MissingParameter', () => kms('RotateSecret')],
  'kms-throttled': [
    429,
    'Rejected.Throttling',
    async () => {
      await admin('PUT', 'rules', { quotaScale: 0.0001 });
      await read();
      return read();
    },
  ],
  'kms-unavailable': [
    503,
    'ServiceUnavailableTemporary',
    async () => {
      await admin('PUT', 'faults', { kind: '503' });
      return read();
    },
  ],
  'ecs-throttled': [
    429,
    'Throttling.User',
    async () => {
      await admin('PUT', 'rules', { quotaScale: 0.001 });
      const list = () => call(endpoint, 'DescribeInstances', { RegionId: 'cn-hangzhou' }, '2014-05-26');
      await list();
      return list();
    },
  ],
  'ecs-dry-run-would-work': [
    400,
    'DryRunOperationError',
    () => call(endpoint, 'DescribeInstances', { RegionId: 'cn-hangzhou', DryRun: 'true' }, '2014-05-26'),
  ],
  'no-service-linked-role': [
    403,
    'Forbidden.NoPermission',
    async () => {
      await admin('PUT', 'rules', { serviceLinkedRole: 'made' });
      await kms('DeleteSecret', { ForceDeleteWithoutRecovery: 'true' });
      return kms('CreateSecret', passwordSecret(), await nobody({ policies: ['AliyunKMSFullAccess'] }));
    },
  ],
  'secret-policy-denied': [403, 'Forbidden.NoPermission', async () => kms('GetSecretPolicy', {}, await nobody())],
  'unknown-secret-policy': [404, 'Forbidden.ResourceNotFound', () => kms('GetSecretPolicy', { PolicyName: 'other' })],
  'read-in-delete-window': [
    409,
    'Rejected.ResourceInDeleteWindow',
    async () => {
      await kms('DeleteSecret');
      return read();
    },
  ],
  'kms-instance-expired': [
    409,
    'Rejected.Unavailable',
    async () => {
      await admin('PUT', `kms-instances/${captured.kmsInstanceId}`, { state: 'Expired' });
      return read();
    },
  ],
  'unknown-encryption-key': [
    404,
    'Forbidden.KeyNotFound',
    () => kms('CreateSecret', passwordSecret({ SecretName: 'acs/ecs/web-02', EncryptionKeyId: 'key-none' })),
  ],
  rotating: [
    409,
    'Rejected.ResourceInUse',
    async () => {
      await admin('PUT', 'rotation', { delayMs: 600_000 });
      await kms('RotateSecret', { VersionId: 'v2' });
      return kms('RotateSecret', { VersionId: 'v3' });
    },
  ],
  'too-many-rotations': [
    429,
    'Rejected.Throttling',
    async () => {
      await kms('CreateSecret', passwordSecret({ SecretName: 'acs/ecs/web-02' }));
      await admin('PUT', 'rules', { quotaScale: 1, rotationsPerHour: 1 });
      await kms('RotateSecret', { VersionId: 'v2' });
      return kms('RotateSecret', { SecretName: 'acs/ecs/web-02', VersionId: 'v2' });
    },
  ],
  'value-of-managed-secret': [
    400,
    'InvalidParameter',
    () => kms('PutSecretValue', { VersionId: 'v2', SecretData: 'x' }),
  ],
  'version-exists': [
    409,
    'Rejected.ResourceExist',
    async () => {
      const generic = { SecretName: 'free', VersionId: 'v1', SecretData: 'x' };
      await kms('CreateSecret', generic);
      return kms('PutSecretValue', { ...generic, SecretData: 'y' });
    },
  ],
  'dry-run-would-work': [400, 'DryRunOperationError', () => read({ DryRun: 'true' })],
  'dry-run-denied': [403, 'AccessDeniedError', async () => read({ DryRun: 'true' }, await nobody())],
  'dry-run-invalid': [400, 'ValidationError', () => read({ DryRun: 'true', VersionStage: 'ACSNext' })],
  'dry-run-not-found': [404, 'Forbidden.ResourceNotFound', () => read({ DryRun: 'true', SecretName: 'acs/ecs/none' })],
  'assume-role-denied': [403, 'NoPermission', async () => assumeRole(await nobody())],
  'unknown-role': [404, 'EntityNotExist.Role', () => assumeRole()],
};

describe.each(Situation.options)('%s', (situation) => {
  const [status, code, provoke] = situations[situation];

  it('is answered with what was chosen', async () => {
    expect(await provoke()).toMatchObject({ status, body: { Code: code, HttpStatus: status } });
  });

  it('is answered with another code and status when the rules say so', async () => {
    await admin('PUT', 'rules', { refusals: { [situation]: { code: 'Other.Code', status: 418 } } });
    expect(await provoke()).toMatchObject({ status: 418, body: { Code: 'Other.Code', HttpStatus: 418 } });
  });
});

it('a refusal within a batch is told by the same rules', async () => {
  await kms('DeleteSecret');
  await admin('PUT', 'rules', { refusals: { 'read-in-delete-window': { code: 'Other', status: 404 } } });
  const { body } = await kms('BatchGetSecretValue', { SecretsList: JSON.stringify([{ SecretName }]) });
  expect(body['Errors']).toMatchObject([{ Code: 'Other', HttpStatus: 404 }]);
});

it('the faults are told by the same rules', async () => {
  await admin('PUT', 'faults', { kind: 'clock-skew' });
  await admin('PUT', 'rules', { refusals: { 'time-off': { code: 'IllegalTimestamp', status: 400 } } });
  expect((await read()).body).toMatchObject({ Code: 'IllegalTimestamp' });
});

it('a rule for a situation that there is not, or with a status of success, is refused', async () => {
  const other = { code: 'Other', status: 404 };
  await expect(admin('PUT', 'rules', { refusals: { 'no-such': other } })).rejects.toThrow('400');
  await expect(admin('PUT', 'rules', { refusals: { rotating: { ...other, status: 200 } } })).rejects.toThrow('400');
});
