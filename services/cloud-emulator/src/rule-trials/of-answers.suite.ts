import type { Rules } from '../rules.js';
import { call } from '../signed-request.suite.js';
import { captured } from '../start-emulator.suite.js';
import { SecretName, another } from './world.suite.js';
import type { Trial, World } from './world.suite.js';

const RegionId = 'cn-hangzhou';

/** What is told of things, and their tags. */
export const ofAnswers = {
  commandId: {
    look: async (world) => (await configOf(world))['CommandId'],
    seen: [
      ['cmd-ACS-KMS-RotateECSSecret-For-Linux.sh', 'cmd-ACS-KMS-RotateECSSecret-For-Linux.sh'],
      ['', ''],
    ],
  },
  customDataTold: {
    look: async (world) => {
      await world.ask('UpdateSecret', { 'ExtendedConfig.CustomData': '{"a":"1"}' });
      return (await configOf(world))['CustomData'];
    },
    seen: [
      ['object', { a: '1' }],
      ['text', '{"a":"1"}'],
    ],
  },
  customDataTaken: {
    look: async (world) => {
      const after = async (change: Record<string, string>): Promise<unknown> => {
        await world.ask('UpdateSecret', change);
        return (await configOf(world))['CustomData'];
      };
      return [
        await after({ 'ExtendedConfig.CustomData': '{"a":"1"}' }),
        await after({ 'ExtendedConfig.CustomData.b': '2' }),
      ];
    },
    seen: [
      ['both', [{ a: '1' }, { b: '2' }]],
      ['text', [{ a: '1' }, { a: '1' }]],
      ['members', [{}, { b: '2' }]],
    ],
  },
  spacesInTags: {
    look: (world) => takes(world, 'two words'),
    seen: [
      [true, ['OK', 'OK', 'OK', 'OK']],
      [false, ['InvalidParameter', 'InvalidParameter', 'InvalidParameter', 'InvalidParameter']],
    ],
  },
  tagLengthIn: {
    look: (world) => takes(world, 'ü'.repeat(65)),
    seen: [
      ['characters', ['OK', 'OK', 'OK', 'OK']],
      ['bytes', ['InvalidParameter', 'InvalidParameter', 'InvalidParameter', 'InvalidParameter']],
    ],
  },
  tagsPerCall: {
    look: async ({ code }) => {
      const tags = (count: number) => Array.from({ length: count }, (_, at) => ({ TagKey: `k${at}`, TagValue: 'v' }));
      const answers: string[] = [];
      for (const some of [tags(10), tags(11)])
        answers.push(
          await code('CreateSecret', another({ SecretName: `acs/ecs/${some.length}`, Tags: JSON.stringify(some) })),
          await code('TagResource', { Tags: JSON.stringify(some) }),
          await code('UntagResource', { TagKeys: JSON.stringify(some.map(({ TagKey }) => TagKey)) }),
        );
      return answers;
    },
    seen: [
      [20, ['OK', 'OK', 'OK', 'OK', 'OK', 'OK']],
      [10, ['OK', 'OK', 'OK', 'OK', 'InvalidParameter', 'InvalidParameter']],
    ],
  },
  otherListsReversed: {
    look: async ({ admin, ask, endpoint }) => {
      const pair = ['first', 'second'] as const;
      const keys: string[] = [];
      for (const name of pair) {
        keys.push(((await ask('CreateKey')) as { KeyMetadata: { KeyId: string } }).KeyMetadata.KeyId);
        await ask('CreateAlias', { AliasName: `alias/${name}`, KeyId: captured.encryptionKeyId });
        await ask('TagResource', { Tags: JSON.stringify([{ TagKey: name, TagValue: '' }]) });
        const value = { SecretName: 'plain', VersionId: name, SecretData: 'x' };
        await ask(name === 'first' ? 'CreateSecret' : 'PutSecretValue', value);
        await admin('PUT', `kms-instances/kst-${name}`, { state: 'Available' });
        const instance = { name, address: '10.0.0.1', port: 22, regionId: RegionId };
        await admin('PUT', `instances/i-${name}`, instance);
      }
      const isInOrder = (list: object, [first = '', second = ''] = pair as readonly string[]): boolean =>
        JSON.stringify(list).indexOf(first) < JSON.stringify(list).indexOf(second);
      return {
        keys: isInOrder(await ask('ListKeys'), keys),
        kmsInstances: isInOrder(await ask('ListKmsInstances')),
        aliases: isInOrder(await ask('ListAliases')),
        tags: isInOrder(await ask('ListTagResources', { RegionId, ResourceType: 'secret' })),
        versions: isInOrder(await ask('ListSecretVersionIds', { SecretName: 'plain' })),
        instances: isInOrder((await call(endpoint, 'DescribeInstances', { RegionId }, '2014-05-26')).body),
      };
    },
    seen: [
      [false, { keys: true, kmsInstances: true, aliases: true, tags: true, versions: false, instances: true }],
      [true, { keys: false, kmsInstances: false, aliases: false, tags: false, versions: true, instances: false }],
    ],
  },
} satisfies Partial<Record<keyof Rules, Trial>>;

async function configOf({ ask }: World): Promise<Record<string, unknown>> {
  return JSON.parse(String((await ask('DescribeSecret'))['ExtendedConfig'])) as Record<string, unknown>;
}

/** Whether each call that sets tags takes this key. */
async function takes({ code }: World, TagKey: string): Promise<string[]> {
  const Tags = JSON.stringify([{ TagKey, TagValue: 'v' }]);
  const one = { RegionId, ResourceType: 'secret', 'ResourceId.1': SecretName, 'Tag.1.Key': TagKey };
  return [
    await code('CreateSecret', another({ Tags })),
    await code('CreateKey', { Tags }),
    await code('TagResource', { Tags }),
    await code('TagResources', one),
  ];
}
