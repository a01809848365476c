import { z } from 'zod';
import { ApiError } from '../gateway/api-error.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import { findKey } from './find-key.js';
import { inOrder, page, PageNumber, wholeNumber } from './parameters.js';

const AliasName = z
  .string()
  .max(255)
  .regex(/^alias\/(?!acs)[A-Za-z0-9_/-]+$/, 'an alias is alias/ and letters, digits, _ / -; alias/acs is reserved');

/** CreateAlias, ListAliases, DeleteAlias, reference 2.14. */
export const aliasOperations: readonly Operation[] = [
  defineOperation({
    product: 'kms',
    action: 'CreateAlias',
    quota: 'change',
    parameters: z.object({ AliasName, KeyId: z.string().max(256) }),
    run: (input, { account }) =>
      account.update((state) => {
        if (state.aliases.some(({ name }) => name === input.AliasName)) {
          throw new ApiError('AliasAlreadyExists', 'The alias exists.');
        }
        const { keyId } = findKey(state, input.KeyId);
        return { next: { aliases: [...state.aliases, { name: input.AliasName, keyId }] }, result: {} };
      }),
  }),
  defineOperation({
    product: 'kms',
    action: 'DeleteAlias',
    quota: 'change',
    parameters: z.object({ AliasName: z.string().max(255) }),
    run: (input, { account }) =>
      account.update((state) => {
        const aliases = state.aliases.filter(({ name }) => name !== input.AliasName);
        if (aliases.length === state.aliases.length) {
          throw new ApiError('Forbidden.AliasNotFound', 'The specified alias is not found.');
        }
        return { next: { aliases }, result: {} };
      }),
  }),
  defineOperation({
    product: 'kms',
    action: 'ListAliases',
    quota: 'key-read',
    parameters: z.object({ PageNumber, PageSize: wholeNumber(1, 100).default(10) }),
    run: (input, { account, rules }) => {
      const { aliases, regionId, accountId } = account.current;
      const arn = (name: string): string => `acs:kms:${regionId}:${accountId}:${name}`;
      return {
        Aliases: {
          Alias: page(inOrder(aliases, rules), input.PageNumber, input.PageSize).map(({ name, keyId }) => ({
            KeyId: keyId,
            AliasName: name,
            AliasArn: arn(name),
          })),
        },
        PageNumber: input.PageNumber,
        PageSize: input.PageSize,
        TotalCount: aliases.length,
      };
    },
  }),
];
