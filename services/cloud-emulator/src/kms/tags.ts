import { z } from 'zod';
import { ApiError } from '../gateway/api-error.js';
import { jsonText } from './parameters.js';
import type { Tag } from './secret.js';

const maxTags = 20;
/** Reference 2.12; the space is on one page only. */
const allowed = /^[\p{L}\p{N}/\\_\-.+=:@ ]*$/u;

const TagText = z
  .string()
  .max(128, 'a tag key or value has at most 128 characters')
  .regex(allowed, 'a tag key or value is made of letters, digits and / \\ _ - . + = : @');

export const TagKey = TagText.min(1, 'a tag key is not empty').refine(
  (key) => !/^(aliyun|acs:)/i.test(key),
  'a tag key does not start with aliyun or acs:',
);

/** `[{"TagKey":"…","TagValue":"…"}]` */
export const TagsText = jsonText(
  z
    .array(
      z.object({ TagKey, TagValue: TagText }).transform(({ TagKey: key, TagValue: value }): Tag => ({ key, value })),
    )
    .max(maxTags, `a secret has at most ${maxTags} tags`)
    .refine((tags) => new Set(tags.map(({ key }) => key)).size === tags.length, 'a tag key is given once'),
);

/**
 * The tags after some were set; the value of a known key is replaced.
 * @throws ApiError `Rejected.LimitExceeded` for more than 20
 */
export function withTags(tags: readonly Tag[], added: readonly Tag[]): Tag[] {
  const merged = new Map([...tags, ...added].map(({ key, value }) => [key, value]));
  if (merged.size > maxTags) throw new ApiError('Rejected.LimitExceeded', `A secret has at most ${maxTags} tags.`);
  return [...merged].map(([key, value]) => ({ key, value }));
}

/** `Tags` as the API writes them. */
export function tagList(tags: readonly Tag[]): { Tag: { TagKey: string; TagValue: string }[] } {
  return { Tag: tags.map(({ key, value }) => ({ TagKey: key, TagValue: value })) };
}
