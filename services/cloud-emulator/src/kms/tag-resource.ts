import { z } from 'zod';
import { ApiError, missingParameter } from '../gateway/api-error.js';
import { defineOperation } from '../gateway/operation.js';
import type { Call, Operation } from '../gateway/operation.js';
import type { Rules } from '../rules.js';
import type { AccountState } from '../state/state.js';
import { findLiveSecret, findSecret, withSecret } from './find-secret.js';
import { numberedUpTo } from './numbered.js';
import { Flag, jsonText, SecretName } from './parameters.js';
import { findKey, withKey } from './find-key.js';
import type { Tag } from './secret.js';
import { checkTags, checkTagsOfCall, TagsText, withTags } from './tags.js';

/** What has tags here. */
export const ResourceType = z.enum(['secret', 'key']);
export type ResourceType = z.infer<typeof ResourceType>;

const one = { SecretName: SecretName.optional(), KeyId: z.string().max(256).optional() };
const several = z.object({ ResourceType, RegionId: z.string() });

/** Of secrets and keys: TagResource and UntagResource (one, JSON), TagResources and UntagResources (several, numbered parameters). */
export const tagOperations: readonly Operation[] = [
  defineOperation({
    product: 'kms',
    action: 'TagResource',
    quota: 'change',
    parameters: z.object({ ...one, Tags: TagsText }),
    run: (input, call) => {
      checkTagsOfCall(input.Tags, call.rules);
      checkTags(input.Tags, call.rules);
      return changeNamed(call, input, (tags) => withTags(tags, input.Tags));
    },
  }),
  defineOperation({
    product: 'kms',
    action: 'UntagResource',
    quota: 'change',
    parameters: z.object({ ...one, TagKeys: jsonText(z.array(z.string()).max(20)) }),
    run: (input, call) => {
      checkTagsOfCall(input.TagKeys, call.rules);
      return changeNamed(call, input, without(input.TagKeys));
    },
  }),
  defineOperation({
    product: 'kms',
    action: 'TagResources',
    quota: 'change',
    parameters: several,
    run: (input, call) => {
      const { parameters: all } = call;
      const keys = numberedUpTo(20, all, (number) => `Tag.${number}.Key`);
      const values = keys.map((_, index) => all.get(`Tag.${index + 1}.Value`) ?? '');
      const text = JSON.stringify(keys.map((TagKeyText, index) => ({ TagKey: TagKeyText, TagValue: values[index] })));
      const parsed = TagsText.safeParse(text);
      if (!parsed.success) {
        throw new ApiError(
          'InvalidParameter',
          `The specified Tag is not valid: ${parsed.error.issues[0]?.message ?? ''}.`,
        );
      }
      checkTags(parsed.data, call.rules);
      return change(call, input.ResourceType, resourceIds(all), (tags) => withTags(tags, parsed.data));
    },
  }),
  defineOperation({
    product: 'kms',
    action: 'UntagResources',
    quota: 'change',
    parameters: several.extend({ All: Flag.default(false) }),
    run: (input, call) => {
      const { parameters: all } = call;
      const keys = numberedUpTo(20, all, (number) => `TagKey.${number}`);
      // Keys that are named come before `All`, as in the other products.
      const changed: Changed = input.All && keys.length === 0 ? () => [] : without(keys);
      return change(call, input.ResourceType, resourceIds(all), changed);
    },
  }),
];

interface Named {
  readonly SecretName?: string | undefined;
  readonly KeyId?: string | undefined;
}

type Changed = (tags: readonly Tag[]) => Tag[];

function changeNamed(call: Call, { SecretName: name, KeyId }: Named, changed: Changed): Promise<object> {
  if ((name === undefined) === (KeyId === undefined))
    throw new ApiError('InvalidParameter', 'One of SecretName and KeyId is to be given.');
  return name === undefined ? change(call, 'key', [KeyId ?? ''], changed) : change(call, 'secret', [name], changed);
}

function change(
  { account, rules }: Call,
  type: ResourceType,
  names: readonly string[],
  changed: Changed,
): Promise<object> {
  return account.update((state) => ({ next: names.reduce(changeOne(type, changed, rules), state), result: {} }));
}

function changeOne(type: ResourceType, changed: Changed, { tagsInDeleteWindow }: Rules) {
  return (state: AccountState, name: string): AccountState => {
    if (type === 'key') {
      const key = findKey(state, name);
      return { ...state, ...withKey(state, { ...key, tags: changed(key.tags) }) };
    }
    const secret = tagsInDeleteWindow ? findSecret(state, name) : findLiveSecret(state, name);
    return { ...state, ...withSecret(state, { ...secret, tags: changed(secret.tags) }) };
  };
}

function without(keys: readonly string[]): Changed {
  return (tags) => tags.filter(({ key }) => !keys.includes(key));
}

function resourceIds(all: ReadonlyMap<string, string>): string[] {
  const ids = numberedUpTo(50, all, (number) => `ResourceId.${number}`);
  if (ids.length === 0) throw missingParameter('ResourceId');
  return ids;
}
