import { z } from 'zod';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import { decodeNextToken, encodeNextToken } from '../ecs/paging.js';
import type { KmsContext } from './kms-context.js';
import { numbered } from './numbered.js';

/** Rows of a page (reference 2.12). */
const pageSize = 200;

/** ListTagResources for secrets: by resources, by tags, or both; 200 rows a page. */
export function listTagResources({ store }: KmsContext): Operation {
  return defineOperation({
    product: 'kms',
    action: 'ListTagResources',
    quota: 'list',
    parameters: z.object({
      RegionId: z.string(),
      ResourceType: z.literal('secret'),
      NextToken: z.string().max(256).optional(),
    }),
    run: (input, all) => {
      const ids = numbered(all, (number) => `ResourceId.${number}`, 50);
      const keys = numbered(all, (number) => `Tag.${number}.Key`, 20);
      const wanted = keys.map((key, index) => ({ key, value: all.get(`Tag.${index + 1}.Value`) }));
      const rows = store.current.secrets
        .filter(({ name }) => ids.length === 0 || ids.includes(name))
        .flatMap(({ name, tags }) => tags.map(({ key, value }) => ({ name, key, value })))
        .filter(
          (row) =>
            wanted.length === 0 ||
            wanted.some(({ key, value }) => row.key === key && (value === undefined || value === row.value)),
        );
      const start = decodeNextToken(input.NextToken);
      const end = start + pageSize;
      return {
        TagResources: {
          TagResource: rows.slice(start, end).map(({ name, key, value }) => ({
            ResourceId: name,
            ResourceType: 'secret',
            TagKey: key,
            TagValue: value,
          })),
        },
        NextToken: end < rows.length ? encodeNextToken(end) : '',
      };
    },
  });
}
