import { z } from 'zod';
import { ApiError } from '../gateway/api-error.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import type { EmulatorState } from '../state/state.js';
import { findSecret, withSecret } from './find-secret.js';
import type { KmsContext } from './kms-context.js';
import { numbered } from './numbered.js';
import { jsonText, SecretName } from './parameters.js';
import type { Tag } from './secret.js';
import { TagsText, withTags } from './tags.js';

/** TagResource and UntagResource (one secret, JSON), TagResources and UntagResources (several, numbered parameters). */
export function tagOperations(context: KmsContext): Operation[] {
  const { store } = context;
  const change = (names: readonly string[], changed: (tags: readonly Tag[]) => Tag[]): Promise<object> =>
    store.update((state) => ({ next: names.reduce(changeOne(changed), state), result: {} }));
  const several = z.object({ ResourceType: z.literal('secret'), RegionId: z.string() });
  return [
    defineOperation({
      product: 'kms',
      action: 'TagResource',
      quota: 'change',
      parameters: z.object({ SecretName, Tags: TagsText }),
      run: (input) => change([input.SecretName], (tags) => withTags(tags, input.Tags)),
    }),
    defineOperation({
      product: 'kms',
      action: 'UntagResource',
      quota: 'change',
      parameters: z.object({ SecretName, TagKeys: jsonText(z.array(z.string()).max(20)) }),
      run: (input) => change([input.SecretName], without(input.TagKeys)),
    }),
    defineOperation({
      product: 'kms',
      action: 'TagResources',
      quota: 'change',
      parameters: several,
      run: (_input, all) => {
        const keys = numbered(all, (number) => `Tag.${number}.Key`, 20);
        const values = keys.map((_, index) => all.get(`Tag.${index + 1}.Value`) ?? '');
        const text = JSON.stringify(keys.map((TagKeyText, index) => ({ TagKey: TagKeyText, TagValue: values[index] })));
        const parsed = TagsText.safeParse(text);
        if (!parsed.success) {
          throw new ApiError(
            'InvalidParameter',
            `The specified Tag is not valid: ${parsed.error.issues[0]?.message ?? ''}.`,
          );
        }
        return change(resourceIds(all), (tags) => withTags(tags, parsed.data));
      },
    }),
    defineOperation({
      product: 'kms',
      action: 'UntagResources',
      quota: 'change',
      parameters: several,
      run: (_input, all) => change(resourceIds(all), without(numbered(all, (number) => `TagKey.${number}`, 20))),
    }),
  ];
}

function changeOne(changed: (tags: readonly Tag[]) => Tag[]) {
  return (state: EmulatorState, name: string): EmulatorState => {
    const secret = findSecret(state, name);
    return { ...state, ...withSecret(state, { ...secret, tags: changed(secret.tags) }) };
  };
}

function without(keys: readonly string[]): (tags: readonly Tag[]) => Tag[] {
  return (tags) => tags.filter(({ key }) => !keys.includes(key));
}

function resourceIds(all: ReadonlyMap<string, string>): string[] {
  const ids = numbered(all, (number) => `ResourceId.${number}`, 50);
  if (ids.length === 0)
    throw new ApiError('MissingParameter', 'The parameter ResourceId is mandatory for this action.');
  return ids;
}
