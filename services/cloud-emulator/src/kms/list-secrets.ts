import { z } from 'zod';
import { apiTime } from '../clock.js';
import { ApiError } from '../gateway/api-error.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import type { Rules } from '../rules.js';
import { Flag, jsonText, page, PageNumber, wholeNumber } from './parameters.js';
import { matches } from './matching.js';
import type { Matching } from './matching.js';
import { deletionFact } from './secret-facts.js';
import type { SecretRecord } from './secret.js';
import { tagList } from './tags.js';

const Filter = z.object({
  Key: z.enum(['SecretName', 'Description', 'TagKey', 'TagValue', 'DKMSInstanceId', 'SecretType', 'Creator']),
  Values: z.array(z.string().max(256)).min(1).max(10),
});
type Filter = z.infer<typeof Filter>;

/** ListSecrets, reference 2.2. Its order, and what filters match, are for the rules to say. */
export const listSecrets: Operation = defineOperation({
  product: 'kms',
  action: 'ListSecrets',
  quota: 'list',
  parameters: z.object({
    Filters: jsonText(z.array(Filter).max(10)).default([]),
    FetchTags: Flag.default(false),
    PageNumber,
    PageSize: wholeNumber(1, 100).default(10),
  }),
  run: (input, { account, rules }) => {
    const { Filters } = input;
    refuseTooMany(Filters, rules);
    const passesFilter = (secret: SecretRecord) => (filter: Filter) =>
      passes(secret, filter, rules.listMatch, account.accountId);
    const found = ordered(account.current.secrets, rules.listOrder)
      .filter(({ plannedDeleteAt }) => rules.listInDeleteWindow || plannedDeleteAt === undefined)
      .filter((secret) =>
        rules.listFilters === 'all' || Filters.length === 0
          ? Filters.every(passesFilter(secret))
          : Filters.some(passesFilter(secret)),
      );
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

function refuseTooMany(filters: readonly Filter[], { listFiltersPerCall: most }: Rules): void {
  if (filters.length > most) {
    throw new ApiError('InvalidParameter', `The specified parameter Filters is not valid: at most ${most}.`);
  }
}

/** @param secrets in the order in which they were made */
function ordered(secrets: readonly SecretRecord[], order: Rules['listOrder']): SecretRecord[] {
  switch (order) {
    case 'newest':
      return secrets.toReversed();
    case 'oldest':
      return [...secrets];
    case 'name':
      return secrets.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** Values of one filter: any of them. */
function passes(secret: SecretRecord, { Key, Values }: Filter, match: Matching, creator: string): boolean {
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
