import { z } from 'zod';
import { ApiError } from '../gateway/api-error.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import { checkPolicy, defaultSecretPolicy, SecretPolicyText } from '../ram/policy.js';
import { findLiveSecret, findSecret, withSecret } from './find-secret.js';
import { SecretName } from './parameters.js';

const PolicyName = z.literal('default').default('default');

export const setSecretPolicy: Operation = defineOperation({
  product: 'kms',
  action: 'SetSecretPolicy',
  quota: 'change',
  parameters: z.object({ SecretName, PolicyName, Policy: SecretPolicyText }),
  run: (input, { account, rules }) => {
    checkPolicy(input.Policy, rules);
    return account.update((state) => {
      const secret = findLiveSecret(state, input.SecretName);
      return { next: withSecret(state, { ...secret, policy: input.Policy }), result: {} };
    });
  },
});

export const getSecretPolicy: Operation = defineOperation({
  product: 'kms',
  action: 'GetSecretPolicy',
  quota: 'secret-read',
  parameters: z.object({ SecretName, PolicyName: z.string().default('default') }),
  run: (input, { account }) => {
    const secret = findSecret(account.current, input.SecretName);
    if (input.PolicyName !== 'default') {
      throw new ApiError('Forbidden.ResourceNotFound', 'Resource not found.', { situation: 'unknown-secret-policy' });
    }
    return {
      Policy: secret.policy === '' ? JSON.stringify(defaultSecretPolicy(account.current.accountId)) : secret.policy,
    };
  },
});
