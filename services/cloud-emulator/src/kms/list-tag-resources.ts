import { z } from 'zod';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import { decodeNextToken, encodeNextToken } from '../ecs/paging.js';
import { findKey } from './find-key.js';
import { numberedUpTo } from './numbered.js';
import { inOrder } from './parameters.js';
import { ResourceType } from './tag-resource.js';

/** Rows of a page (reference 2.12). */
const pageSize = 200;

/** ListTagResources for secrets or keys: by resources, by tags, or both; 200 rows a page. */
export const listTagResources: Operation = defineOperation({
  product: 'kms',
  action: 'ListTagResources',
  quota: 'list',
  parameters: z.object({
    RegionId: z.string(),
    ResourceType,
    NextToken: z.string().max(256).optional(),
  }),
  run: (input, { account, rules, parameters: all }) => {
    const ids = numberedUpTo(50, all, (number) => `ResourceId.${number}`);
    const keys = numberedUpTo(20, all, (number) => `Tag.${number}.Key`);
    const wanted = keys.map((key, index) => ({ key, value: all.get(`Tag.${index + 1}.Value`) }));
    const tagged =
      input.ResourceType === 'secret'
        ? account.current.secrets
        : account.current.keys.map(({ keyId, tags }) => ({ name: keyId, tags }));
    const rows = tagged
      .filter(({ name }) => ids.length === 0 || ids.includes(name))
      .flatMap(({ name, tags }) => tags.map(({ key, value }) => ({ name, key, value })))
      .filter(
        (row) =>
          wanted.length === 0 ||
          wanted.some(({ key, value }) => row.key === key && (value === undefined || value === row.value)),
      );
    const listed = inOrder(rows, rules);
    const start = decodeNextToken(input.NextToken);
    const end = start + pageSize;
    return {
      TagResources: {
        TagResource: listed.slice(start, end).map(({ name, key, value }) => ({
          ResourceId: name,
          ResourceType: input.ResourceType,
          TagKey: key,
          TagValue: value,
        })),
      },
      NextToken: end < listed.length ? encodeNextToken(end) : '',
    };
  },
});

/** ListResourceTags: of one key. */
export const listResourceTags: Operation = defineOperation({
  product: 'kms',
  action: 'ListResourceTags',
  quota: 'key-tags',
  parameters: z.object({ KeyId: z.string().max(256) }),
  run: (input, { account }) => {
    const { keyId, tags } = findKey(account.current, input.KeyId);
    return { Tags: { Tag: tags.map(({ key, value }) => ({ KeyId: keyId, TagKey: key, TagValue: value })) } };
  },
});
