import { z } from 'zod';
import { ApiError } from '../gateway/api-error.js';
import { jsonText } from './parameters.js';
import type { Rules } from '../rules.js';
import type { Tag } from './secret.js';

const maxTags = 20;
const maxLength = 128;
const allowed = /^[\p{L}\p{N}/\\_\-.+=:@ ]*$/u;

const TagText = z
  .string()
  .max(maxLength, `a tag key or value has at most ${maxLength} characters`)
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

/**
 * What the pages do not agree about.
 * @throws ApiError `InvalidParameter`
 */
export function checkTags(tags: readonly Tag[], { spacesInTags, tagLengthIn }: Rules): void {
  for (const text of tags.flatMap(({ key, value }) => [key, value])) {
    if (!spacesInTags && text.includes(' ')) throw invalid('a tag key or value has no space');
    if (tagLengthIn === 'bytes' && Buffer.byteLength(text) > maxLength)
      throw invalid(`a tag key or value has at most ${maxLength} bytes`);
  }
}

/**
 * @param given tags, or keys of tags, in one call
 * @throws ApiError `InvalidParameter`
 */
export function checkTagsOfCall(given: readonly unknown[], { tagsPerCall: most }: Rules): void {
  if (given.length > most) throw invalid(`a call has at most ${most}`);
}

function invalid(rule: string): ApiError {
  return new ApiError('InvalidParameter', `The specified Tag is not valid: ${rule}.`);
}

/** `Tags` as the API writes them. */
export function tagList(tags: readonly Tag[]): { Tag: { TagKey: string; TagValue: string }[] } {
  return { Tag: tags.map(({ key, value }) => ({ TagKey: key, TagValue: value })) };
}
