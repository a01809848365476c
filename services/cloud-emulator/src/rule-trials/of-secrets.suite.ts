import type { Rules } from '../rules.js';
import { captured } from '../start-emulator.suite.js';
import { SecretName, another, filter, filters, counts } from './world.suite.js';
import type { Trial } from './world.suite.js';

/** What is made, listed and deleted. */
export const ofSecrets = {
  checkSecretData: {
    look: ({ code }) => code('CreateSecret', another({ SecretData: 'not JSON' })),
    seen: [
      [true, 'InvalidParameter'],
      [false, 'OK'],
    ],
  },
  checkInstanceId: {
    look: async ({ code, admin }) => {
      await admin('DELETE', `instances/${captured.instanceId}`);
      return code('CreateSecret', another());
    },
    seen: [
      [false, 'OK'],
      [true, 'InvalidParameter'],
    ],
  },
  requireEncryptionKey: {
    look: ({ code }) => code('CreateSecret', another({ EncryptionKeyId: '' })),
    seen: [
      [false, 'OK'],
      [true, 'MissingParameter'],
    ],
  },
  maxDescriptionLength: {
    look: async ({ code }) => {
      const Description = 'x'.repeat(257);
      return [await code('CreateSecret', another({ Description })), await code('UpdateSecret', { Description })];
    },
    seen: [
      [8_192, ['OK', 'OK']],
      [256, ['InvalidParameter', 'InvalidParameter']],
    ],
  },
  policyAsInSamples: {
    look: async ({ code }) => {
      const policy = (more: object): { Policy: string } => {
        const Principal = { RAM: ['acs:ram::1000000000000001:*'] };
        const statement = { Sid: 'word', Effect: 'Allow', Principal, Action: ['kms:List*'], Resource: ['*'], ...more };
        return { Policy: JSON.stringify({ Version: '1', Statement: [statement] }) };
      };
      const spaced = policy({ Sid: 'two words' });
      return [
        await code('SetSecretPolicy', policy({})),
        await code('SetSecretPolicy', spaced),
        await code('SetSecretPolicy', policy({ Principal: { RAM: ['acs:ram::1000000000000001:root'] } })),
        await code('CreateSecret', another(spaced)),
      ];
    },
    seen: [
      [true, ['OK', 'OK', 'OK', 'OK']],
      [false, ['OK', 'InvalidParameter', 'InvalidParameter', 'InvalidParameter']],
    ],
  },
  minRotationSeconds: {
    look: ({ code }) => code('UpdateSecretRotationPolicy', { EnableAutomaticRotation: 'true', RotationInterval: '5h' }),
    seen: [
      [3_600, 'OK'],
      [6 * 3_600, 'InvalidParameter'],
    ],
  },
  maxRotationSeconds: {
    look: ({ code }) =>
      code('UpdateSecretRotationPolicy', { EnableAutomaticRotation: 'true', RotationInterval: '365d' }),
    seen: [
      [365 * 86_400, 'OK'],
      [100 * 86_400, 'InvalidParameter'],
    ],
  },
  listMatch: {
    look: (world) => counts(world, 'ListSecrets', 'SecretName', ['web-01', 'acs/ecs/web', SecretName]),
    seen: [
      ['substring', [1, 1, 1]],
      ['prefix', [0, 1, 1]],
      ['exact', [0, 0, 1]],
    ],
  },
  listFilters: {
    look: async ({ ask }) =>
      (await ask('ListSecrets', filters(filter('SecretName', 'web'), filter('TagKey', 'none'))))['TotalCount'],
    seen: [
      ['all', 0],
      ['any', 1],
    ],
  },
  listFiltersPerCall: {
    look: async ({ code }) => {
      const one = filter('SecretName', 'web');
      return [await code('ListSecrets', filters(one)), await code('ListSecrets', filters(one, one))];
    },
    seen: [
      [10, ['OK', 'OK']],
      [1, ['OK', 'InvalidParameter']],
    ],
  },
  listOrder: {
    look: async ({ ask }) => {
      for (const name of ['acs/ecs/app-01', 'acs/ecs/db-01']) await ask('CreateSecret', another({ SecretName: name }));
      const { SecretList } = (await ask('ListSecrets')) as { SecretList: { Secret: { SecretName: string }[] } };
      return SecretList.Secret.map((one) => one.SecretName.slice('acs/ecs/'.length));
    },
    seen: [
      ['newest', ['db-01', 'app-01', 'web-01']],
      ['oldest', ['web-01', 'app-01', 'db-01']],
      ['name', ['app-01', 'db-01', 'web-01']],
    ],
  },
  listInDeleteWindow: {
    look: async ({ ask }) => {
      await ask('DeleteSecret');
      return (await ask('ListSecrets'))['TotalCount'];
    },
    seen: [
      [true, 1],
      [false, 0],
    ],
  },
  keyFilters: {
    look: async ({ code }) =>
      Promise.all(
        ['KeyState', 'KeyUsage'].map((key) => code('ListKeys', filters(filter(key, 'Enabled', 'ENCRYPT/DECRYPT')))),
      ),
    seen: [
      [
        ['KeyState', 'KeySpec', 'KeyUsage', 'DKMSInstanceId'],
        ['OK', 'OK'],
      ],
      [['KeyState'], ['OK', 'InvalidParameter']],
    ],
  },
  keyMatch: {
    look: (world) => counts(world, 'ListKeys', 'KeySpec', ['AES', 'Aliyun', 'Aliyun_AES_256']),
    seen: [
      ['exact', [0, 0, 1]],
      ['prefix', [0, 1, 1]],
      ['substring', [1, 1, 1]],
    ],
  },
  timeOfForcedDeletion: {
    look: async ({ ask }) =>
      typeof (await ask('DeleteSecret', { ForceDeleteWithoutRecovery: 'true' }))['PlannedDeleteTime'],
    seen: [
      [false, 'undefined'],
      [true, 'string'],
    ],
  },
  deleteAtOnceInWindow: {
    look: async ({ ask, code }) => {
      await ask('DeleteSecret');
      const answer = await code('DeleteSecret', { ForceDeleteWithoutRecovery: 'true' });
      return [answer, await code('DescribeSecret')];
    },
    seen: [
      [false, ['Rejected.ResourceInDeleteWindow', 'OK']],
      [true, ['OK', 'Forbidden.ResourceNotFound']],
    ],
  },
  tagsInDeleteWindow: {
    look: async ({ ask, code }) => {
      await ask('DeleteSecret');
      return code('TagResource', { Tags: '[{"TagKey":"a","TagValue":"b"}]' });
    },
    seen: [
      [true, 'OK'],
      [false, 'Rejected.ResourceInDeleteWindow'],
    ],
  },
  expiredRefuses: {
    look: async ({ admin, code }) => {
      await admin('PUT', `kms-instances/${captured.kmsInstanceId}`, { state: 'Expired' });
      return [
        await code('DescribeSecret'),
        await code('GetSecretValue'),
        await code('ListSecrets', { SecretName: '' }),
      ];
    },
    seen: [
      ['use', ['OK', 'Rejected.Unavailable', 'OK']],
      ['everything', ['Rejected.Unavailable', 'Rejected.Unavailable', 'OK']],
    ],
  },
} satisfies Partial<Record<keyof Rules, Trial>>;
