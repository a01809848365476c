import { tempDir } from '@sallyport/testing';
import { expect, it } from 'vitest';
import { AssistantByInstance } from '../assistant/cloud-assistant.js';
import { CommandAssistant } from '../assistant/command-assistant.js';
import { Clock } from '../clock.js';
import type { Quota } from '../gateway/operation.js';
import { Permission } from '../ram/permission.js';
import { RuleBook, Rules } from '../rules.js';
import { firstState } from '../state/first-state.js';
import { KeyVault } from '../state/key-vault.js';
import { StateStore } from '../state/state-store.js';
import { kmsOperations } from './operations.js';
import { Rotations } from './rotations.js';

/** Reference section 2, with the rates of section 5. */
const operations: Readonly<Record<Exclude<Quota, 'ecs-read' | 'sts'>, readonly string[]>> = {
  'secret-read': ['GetSecretValue', 'DescribeSecret', 'BatchGetSecretValue', 'GetSecretPolicy', 'GetRandomPassword'],
  list: [
    ...['ListSecrets', 'ListSecretVersionIds', 'ListTagResources', 'ListKmsInstances', 'GetKmsInstanceQuotaInfos'],
    'DescribeRegions',
  ],
  'secret-write': ['CreateSecret', 'DeleteSecret', 'RestoreSecret'],
  change: [
    ...['UpdateSecret', 'PutSecretValue', 'UpdateSecretVersionStage', 'UpdateSecretRotationPolicy', 'RotateSecret'],
    ...['SetSecretPolicy', 'TagResource', 'UntagResource', 'TagResources', 'UntagResources'],
    ...['CreateAlias', 'DeleteAlias', 'EnableKey', 'DisableKey', 'ScheduleKeyDeletion', 'CancelKeyDeletion'],
    ...['Encrypt', 'Decrypt', 'GenerateDataKey'],
  ],
  'key-read': ['DescribeKey', 'ListKeys', 'ListAliases'],
  'key-tags': ['ListResourceTags'],
  'key-create': ['CreateKey'],
};

it('has every operation of KMS that the reference lists, at the rate that it lists', async () => {
  const folder = tempDir();
  const clock = new Clock();
  const vault = await KeyVault.open(folder);
  const store = await StateStore.open(folder, () =>
    firstState(vault, { regionId: 'r', instances: 0, now: clock.now() }),
  );
  const assistant = new AssistantByInstance(new CommandAssistant(), new CommandAssistant());
  const rotations = new Rotations(store, vault, clock, new RuleBook(Rules.parse({})), assistant);
  const has = kmsOperations({ vault, clock, rotations }, store, new Permission(store));
  const found = has.map(({ action, quota }) => `${action} ${quota}`);
  const wanted = Object.entries(operations).flatMap(([quota, actions]) => actions.map((one) => `${one} ${quota}`));
  expect(found.sort()).toEqual(wanted.sort());
});
