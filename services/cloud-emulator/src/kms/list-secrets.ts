import { z } from 'zod';
import { apiTime } from '../clock.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import type { Rules } from '../rules.js';
import type { KmsContext } from './kms-context.js';
import { Flag, jsonText, page, PageNumber, wholeNumber } from './parameters.js';
import { deletionFact } from './secret-facts.js';
import type { SecretRecord } from './secret.js';
import { tagList } from './tags.js';

const Filter = z.object({
  Key: z.enum(['SecretName', 'Description', 'TagKey', 'TagValue', 'DKMSInstanceId', 'SecretType', 'Creator']),
  Values: z.array(z.string().max(256)).min(1).max(10),
});
type Filter = z.infer<typeof Filter>;

/** ListSecrets, reference 2.2: newest first; secrets in their deletion window are listed. */
export function listSecrets({ rules }: KmsContext): Operation {
  return defineOperation({
    product: 'kms',
    action: 'ListSecrets',
    quota: 'list',
    parameters: z.object({
      Filters: jsonText(z.array(Filter).max(10)).default([]),
      FetchTags: Flag.default(false),
      PageNumber,
      PageSize: wholeNumber(1, 100).default(10),
    }),
    run: (input, { account }) => {
      const { listMatch } = rules.current;
      const found = account.current.secrets
        .filter((secret) =>
          input.Filters.every((filter) => passes(secret, filter, listMatch, account.current.accountId)),
        )
        .reverse();
      return {
        SecretList: {
          Secret: page(found, input.PageNumber, input.PageSize).map((secret) => ({
            SecretName: secret.name,
            SecretType: secret.type,
            CreateTime: apiTime(new Date(secret.createdAt)),
            UpdateTime: apiTime(new Date(secret.updatedAt)),
            ...deletionFact(secret),
            ...(input.FetchTags && { Tags: tagList(secret.tags) }),
          })),
        },
        PageNumber: input.PageNumber,
        PageSize: input.PageSize,
        TotalCount: found.length,
      };
    },
  });
}

/** Values of one filter: any of them. Several filters: all of them (reference 2.2, inferred). */
function passes(secret: SecretRecord, { Key, Values }: Filter, match: Rules['listMatch'], creator: string): boolean {
  const some = (texts: readonly string[]): boolean => Values.some((value) => texts.includes(value));
  switch (Key) {
    case 'SecretName':
      return Values.some((value) => matches(secret.name, value, match));
    case 'Description':
      return Values.some((value) => matches(secret.description, value, match));
    case 'TagKey':
      return some(secret.tags.map(({ key }) => key));
    case 'TagValue':
      return some(secret.tags.map(({ value }) => value));
    case 'DKMSInstanceId':
      return some([secret.kmsInstanceId ?? '']);
    case 'SecretType':
      return Values.some((value) => value.toLowerCase() === secret.type.toLowerCase());
    case 'Creator':
      return some([creator]);
  }
}

function matches(text: string, wanted: string, match: Rules['listMatch']): boolean {
  switch (match) {
    case 'substring':
      return text.includes(wanted);
    case 'prefix':
      return text.startsWith(wanted);
    case 'exact':
      return text === wanted;
  }
}
