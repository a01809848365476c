import { expect, it } from 'vitest';
import { Rules } from '../rules.js';
import type { AccountState } from '../state/state.js';
import { requiredByKms, requiredBySts } from './required-permissions.js';

const nothing = {
  kmsInstances: [],
  keys: [],
  secrets: [],
  instances: [],
  rotationRequests: [],
  aliases: [],
  events: [],
};
const state: AccountState = { accountId: '1000000000000001', regionId: 'cn-hangzhou', ...nothing };

it('holds no text against policies that is longer than any name, as that would stop the process', () => {
  const long = 'a'.repeat(900_000);
  const needed = [
    ...requiredByKms('GetSecretValue', new Map([['SecretName', long]]), state, Rules.parse({})),
    ...requiredByKms('GetSecretValue', new Map([['SecretName', `acs:kms:${long}`]]), state, Rules.parse({})),
    ...requiredByKms('DescribeKey', new Map([['KeyId', long]]), state, Rules.parse({})),
    ...requiredByKms('CreateSecret', new Map([['EncryptionKeyId', long]]), state, Rules.parse({})),
    ...requiredByKms('TagResources', new Map([['ResourceId.1', long]]), state, Rules.parse({})),
    ...requiredBySts('AssumeRole', new Map([['RoleArn', long]])),
  ];
  expect(needed).toHaveLength(9);
  for (const { resource } of needed) expect(resource.length).toBeLessThan(600);
});
