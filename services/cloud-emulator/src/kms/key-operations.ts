import { z } from 'zod';
import { apiTime } from '../clock.js';
import { ApiError, missingParameter } from '../gateway/api-error.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import type { Rules } from '../rules.js';
import { newId } from '../state/first-state.js';
import type { AccountState } from '../state/state.js';
import { refuseFullInstance, refuseUnknownInstance } from './instance-quotas.js';
import { keyDeletionFact } from './key-state.js';
import { findKey, keyArn, refuseExpired } from './find-key.js';
import { isSymmetric, keySpecs } from './key.js';
import type { KmsKey } from './key.js';
import type { KmsContext } from './kms-context.js';
import { matches } from './matching.js';
import type { Matching } from './matching.js';
import {
  checkInterval,
  Flag,
  inOrder,
  jsonText,
  page,
  PageNumber,
  RotationInterval,
  wholeNumber,
} from './parameters.js';
import { checkTags, TagsText } from './tags.js';

/** CreateKey, reference 2.14. A key that is not symmetric has no material here: it is there to be refused for secrets. */
export function createKey({ vault, clock }: KmsContext): Operation {
  return defineOperation({
    product: 'kms',
    action: 'CreateKey',
    quota: 'key-create',
    parameters: z.object({
      DKMSInstanceId: z.string().max(64).optional(),
      Description: z.string().max(8_192).default(''),
      KeySpec: z.enum(keySpecs).default('Aliyun_AES_256'),
      KeyUsage: z.enum(['ENCRYPT/DECRYPT', 'SIGN/VERIFY']).default('ENCRYPT/DECRYPT'),
      Origin: z.literal('Aliyun_KMS').default('Aliyun_KMS'),
      EnableAutomaticRotation: Flag.default(false),
      RotationInterval: RotationInterval.optional(),
      Tags: TagsText.default([]),
    }),
    run: async (input, { account, rules }) => {
      checkTags(input.Tags, rules);
      const kmsInstanceId = input.DKMSInstanceId ?? account.current.kmsInstances[0]?.kmsInstanceId;
      const refuseWithoutRoom = (state: Readonly<AccountState>): void => {
        refuseUnknownInstance(state, kmsInstanceId ?? '');
        refuseExpired(state, kmsInstanceId);
        refuseFullInstance(state, kmsInstanceId, 'keys', rules);
      };
      refuseWithoutRoom(account.current);
      const key: KmsKey = {
        keyId: newId('key-hzz'),
        ...(kmsInstanceId !== undefined && { kmsInstanceId }),
        keySpec: input.KeySpec,
        keyUsage: input.KeyUsage,
        state: 'Enabled',
        description: input.Description,
        createdAt: clock.now().toISOString(),
        tags: input.Tags,
        ...(input.EnableAutomaticRotation && { rotationSeconds: keyInterval(input.RotationInterval) }),
      };
      if (isSymmetric(key)) await vault.create(key.keyId); // first, so that no key is known that cannot work
      return account.update((state) => {
        refuseWithoutRoom(state); // again: others were made meanwhile
        return { next: { keys: [...state.keys, key] }, result: { KeyMetadata: metadata(state, key) } };
      });
    },
  });
}

const keyIntervals = { minRotationSeconds: 7 * 86_400, maxRotationSeconds: 365 * 86_400 };

function keyInterval(seconds: number | undefined): number {
  if (seconds === undefined) throw missingParameter('RotationInterval');
  checkInterval(seconds, keyIntervals);
  return seconds;
}

/** DescribeKey, by id, ARN or alias. */
export const describeKey: Operation = defineOperation({
  product: 'kms',
  action: 'DescribeKey',
  quota: 'key-read',
  parameters: z.object({ KeyId: z.string().max(256) }),
  run: (input, { account }) => {
    const state = account.current;
    return { KeyMetadata: metadata(state, findKey(state, input.KeyId)) };
  },
});

const KeyFilter = z.object({
  Key: z.enum(['KeyState', 'KeySpec', 'KeyUsage', 'DKMSInstanceId']),
  Values: z.array(z.string().max(256)).min(1).max(10),
});

/** One of the values of a filter; several filters hold together. */
function passes(key: KmsKey, { Key, Values }: z.infer<typeof KeyFilter>, matching: Matching): boolean {
  const facts = {
    KeyState: key.state,
    KeySpec: key.keySpec,
    KeyUsage: key.keyUsage,
    DKMSInstanceId: key.kmsInstanceId ?? '',
  };
  return Values.some((value) => matches(facts[Key], value, matching));
}

function refuseOtherFilters(given: readonly z.infer<typeof KeyFilter>[], taken: Rules['keyFilters']): void {
  const other = given.find(({ Key }) => !taken.includes(Key));
  if (other) throw new ApiError('InvalidParameter', `The specified filter ${other.Key} is not valid.`);
}

export const listKeys: Operation = defineOperation({
  product: 'kms',
  action: 'ListKeys',
  quota: 'key-read',
  parameters: z.object({
    Filters: jsonText(z.array(KeyFilter).max(10)).default([]),
    PageNumber,
    PageSize: wholeNumber(1, 100).default(10),
  }),
  run: (input, { account, rules }) => {
    refuseOtherFilters(input.Filters, rules.keyFilters);
    const state = account.current;
    const found = state.keys.filter((key) => input.Filters.every((filter) => passes(key, filter, rules.keyMatch)));
    const keys = page(inOrder(found, rules), input.PageNumber, input.PageSize);
    return {
      Keys: { Key: keys.map((key) => ({ KeyId: key.keyId, KeyArn: keyArn(state, key) })) },
      PageNumber: input.PageNumber,
      PageSize: input.PageSize,
      TotalCount: found.length,
    };
  },
});

export const listKmsInstances: Operation = defineOperation({
  product: 'kms',
  action: 'ListKmsInstances',
  quota: 'list',
  parameters: z.object({ PageNumber, PageSize: wholeNumber(1, 100).default(20) }),
  run: (input, { account, rules }) => {
    const { regionId, accountId, kmsInstances } = account.current;
    const found = page(inOrder(kmsInstances, rules), input.PageNumber, input.PageSize);
    return {
      KmsInstances: {
        KmsInstance: found.map(({ kmsInstanceId }) => ({
          KmsInstanceId: kmsInstanceId,
          KmsInstanceArn: `acs:kms:${regionId}:${accountId}:keystore/${kmsInstanceId}`,
        })),
      },
      PageNumber: input.PageNumber,
      PageSize: input.PageSize,
      TotalCount: kmsInstances.length,
    };
  },
});

function metadata(state: Readonly<AccountState>, key: KmsKey): object {
  return {
    KeyId: key.keyId,
    Arn: keyArn(state, key),
    KeyState: key.state,
    KeyUsage: key.keyUsage,
    KeySpec: key.keySpec,
    Origin: 'Aliyun_KMS',
    CreationDate: apiTime(new Date(key.createdAt)),
    Creator: state.accountId,
    Description: key.description,
    DKMSInstanceId: key.kmsInstanceId ?? '',
    ProtectionLevel: 'SOFTWARE',
    PrimaryKeyVersion: `${key.keyId}-1`,
    AutomaticRotation: key.rotationSeconds === undefined ? 'Disabled' : 'Enabled',
    ...(key.rotationSeconds !== undefined && { RotationInterval: `${key.rotationSeconds}s` }),
    ...keyDeletionFact(key),
  };
}
