import { expect } from 'vitest';
import type { Rules } from '../rules.js';
import { waysToCall } from '../sdk.suite.js';
import { call, send } from '../signed-request.suite.js';
import { captured } from '../start-emulator.suite.js';
import { SecretName, allow, another } from './world.suite.js';
import type { Trial } from './world.suite.js';

/** Permissions, and the gateway. */
export const ofCallers = {
  accountPrincipalPermits: {
    look: async ({ code, user }) => code('DescribeSecret', {}, await user('bob', [])),
    seen: [
      [false, 'Forbidden.NoPermission'],
      [true, 'OK'],
    ],
  },
  keyOfOtherAccount: {
    look: async ({ ask, code, user }) => {
      const accountId = '2000000000000002';
      const people = [
        await user('valued', [allow('kms:GetSecretValue')], { accountId }),
        await user('keyed', [allow('kms:GetSecretValue'), allow('kms:Decrypt')], { accountId }),
      ];
      const Principal = { RAM: people.map(({ arn }) => arn) };
      const Statement = [{ Effect: 'Allow', Principal, Action: ['kms:GetSecretValue'], Resource: ['*'] }];
      await ask('SetSecretPolicy', { Policy: JSON.stringify({ Version: '1', Statement }) });
      const { Arn } = await ask('DescribeSecret');
      return Promise.all(people.map((person) => code('GetSecretValue', { SecretName: String(Arn) }, person)));
    },
    seen: [
      ['identity', ['Forbidden.NoPermission', 'OK']],
      ['open', ['OK', 'OK']],
      ['closed', ['Forbidden.NoPermission', 'Forbidden.NoPermission']],
    ],
  },
  unknownCondition: {
    look: async ({ code, user }) => {
      const Condition = { DateGreaterThan: { 'acs:CurrentTime': ['2020-01-01'] } };
      const people = [
        await user('let-in', [allow('kms:DescribeSecret', { Condition })]),
        await user('kept-out', [allow('kms:*'), allow('kms:DescribeSecret', { Effect: 'Deny', Condition })]),
      ];
      return Promise.all(people.map((person) => code('DescribeSecret', {}, person)));
    },
    seen: [
      ['closed', ['Forbidden.NoPermission', 'Forbidden.NoPermission']],
      ['met', ['OK', 'Forbidden.NoPermission']],
      ['unmet', ['Forbidden.NoPermission', 'OK']],
    ],
  },
  questionMarkMatches: {
    look: async ({ code, user }) =>
      code('DescribeSecret', {}, await user('bob', [allow('kms:*', { Resource: '*:secret/acs/ecs/web-0?' })])),
    seen: [
      [false, 'Forbidden.NoPermission'],
      [true, 'OK'],
    ],
  },
  ecsDryRunDenied: {
    look: async ({ endpoint, user }) => {
      const bob = await user('bob', []);
      const region = { RegionId: 'cn-hangzhou' };
      const list = (more: Record<string, string>) =>
        call(endpoint, 'DescribeInstances', { ...region, ...more }, '2014-05-26', bob);
      const [plain, tried] = [await list({}), await list({ DryRun: 'true' })];
      return [plain.body['TotalCount'], tried.status, tried.body['TotalCount'] ?? tried.body['Code']];
    },
    seen: [
      ['empty', [0, 200, 0]],
      ['refused', [0, 403, 'Forbidden.RAM']],
    ],
  },
  serviceLinkedRole: {
    look: async ({ ask, code, user }) => {
      await ask('DeleteSecret', { ForceDeleteWithoutRecovery: 'true' });
      const made: string[] = [];
      // Who has but KMS; who may make the role; and anybody once the first secret is there.
      for (const [name, policies] of [
        ['kms-alone', ['AliyunKMSFullAccess']],
        ['secrets', ['AliyunKMSSecretAdminAccess', 'AliyunKMSCryptoUserAccess']],
        ['kms-alone', ['AliyunKMSFullAccess']],
      ] as const) {
        const person = await user(name, [], { policies });
        made.push(await code('CreateSecret', another({ SecretName: `acs/ecs/${made.length}` }), person));
      }
      return made;
    },
    seen: [
      ['there', ['OK', 'OK', 'OK']],
      ['made', ['Forbidden.NoPermission', 'OK', 'OK']],
    ],
  },
  openDescribeRegions: {
    look: async ({ code, user }) => code('DescribeRegions', {}, await user('bob', [])),
    seen: [
      [false, 'Forbidden.NoPermission'],
      [true, 'OK'],
    ],
  },
  randomPasswordResource: {
    look: async ({ code, user }) =>
      code(
        'GetRandomPassword',
        {},
        await user('bob', [allow('kms:GetRandomPassword', { Resource: 'acs:kms:*:*:secret' })]),
      ),
    seen: [
      ['everything', 'Forbidden.NoPermission'],
      ['secrets', 'OK'],
    ],
  },
  checkedFirst: {
    look: async ({ code, user }) => code('RotateSecret', {}, await user('bob', [])), // without a VersionId
    seen: [
      ['permission', 'Forbidden.NoPermission'],
      ['parameters', 'MissingParameter'],
    ],
  },
  formParameters: {
    look: async ({ endpoint }) => {
      const { accessKeyId, accessKeySecret, instanceId } = captured;
      const config = { endpoint, protocol: 'http', regionId: 'cn-hangzhou', accessKeyId, accessKeySecret };
      const ways = waysToCall({ config, instanceId, userName: 'root' });
      return Promise.all(
        ['kms 1.2.0, form body', 'kms 1.2.0, query', 'openapi-client, ACS3, form body'].map(async (way) =>
          ways[way]?.('DescribeSecret', { SecretName }).then(
            () => 'OK',
            (error: unknown) => (error as { data: { Code: string } }).data.Code,
          ),
        ),
      );
    },
    seen: [
      [true, ['OK', 'OK', 'OK']],
      [false, ['SignatureDoesNotMatch', 'OK', 'MissingParameter']],
    ],
  },
  format: {
    look: async ({ endpoint }) => {
      const start = async (Format: string, name = SecretName): Promise<string[]> => {
        const answer = await send(endpoint, 'GetSecretValue', { SecretName: name, Format });
        const text = (await answer.text()).replace(/<\?xml[^>]*>/, '').replace(/[0-9a-f-]{36}/, '…');
        return [answer.headers.get('content-type') ?? '', text.slice(0, 50)];
      };
      return [await start('json'), await start('XML'), await start('XML', 'acs/ecs/none')];
    },
    seen: [
      [
        'json',
        [
          ['application/json;charset=utf-8', `{"SecretName":"${SecretName}","SecretType":"ECS",`],
          ['application/json;charset=utf-8', `{"SecretName":"${SecretName}","SecretType":"ECS",`],
          ['application/json;charset=utf-8', '{"RequestId":"…","Code":"Forbidden.ResourceNotFoun'],
        ],
      ],
      [
        'as-asked',
        [
          ['application/json;charset=utf-8', `{"SecretName":"${SecretName}","SecretType":"ECS",`],
          ['text/xml;charset=utf-8', `<GetSecretValueResponse><SecretName>${SecretName}</Se`.slice(0, 50)],
          ['text/xml;charset=utf-8', '<KMS><RequestId>…</RequestId><Code>Forbidden.Resour'.slice(0, 50)],
        ],
      ],
    ],
  },
  envelope: {
    look: async ({ code, ask, user }) => {
      expect(await code('DescribeSecret', {}, await user('bob', []))).toBe('Forbidden.NoPermission');
      return Object.keys(await ask('DescribeSecret', {}, await user('bob', []))).toSorted();
    },
    seen: [
      ['both', ['AccessDeniedDetail', 'Code', 'HostId', 'HttpStatus', 'Message', 'Recommend', 'RequestId']],
      ['kms', ['Code', 'HttpStatus', 'Message', 'RequestId']],
      ['gateway', ['AccessDeniedDetail', 'Code', 'HostId', 'Message', 'Recommend', 'RequestId']],
    ],
  },
  echoStringToSign: {
    look: async ({ ask }) => {
      const { Message } = await ask('DescribeSecret', {}, { ...captured, accessKeySecret: 'wrong' });
      return String(Message).includes('string to sign is:POST&%2F&');
    },
    seen: [
      [false, false],
      [true, true],
    ],
  },
  refusals: {
    look: async ({ ask, code }) => {
      await ask('DeleteSecret');
      return code('GetSecretValue');
    },
    seen: [
      [{}, 'Rejected.ResourceInDeleteWindow'],
      [{ 'read-in-delete-window': { code: 'Forbidden.ResourceNotFound', status: 404 } }, 'Forbidden.ResourceNotFound'],
    ],
  },
} satisfies Partial<Record<keyof Rules, Trial>>;
