import { z } from 'zod';
import { ApiError } from '../gateway/api-error.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import { findLiveSecret, findSecret, withSecret } from './find-secret.js';
import type { KmsContext } from './kms-context.js';
import { jsonText, SecretName } from './parameters.js';

/** Grammar of a policy, reference section 4. Conditions are kept, not read. */
const PolicyDocument = z.looseObject({
  Version: z.literal('1'),
  Statement: z
    .array(
      z.looseObject({
        Effect: z.enum(['Allow', 'Deny']),
        Principal: z.object({ RAM: z.array(z.string().regex(/^acs:ram::\d{1,32}:/)).min(1) }),
        Action: z.array(z.string().startsWith('kms:')).min(1),
        Resource: z.tuple([z.literal('*')]),
      }),
    )
    .min(1),
});

/** Text of a policy, at most 32,768 bytes. It is stored, and not yet evaluated: there is one identity. */
export const PolicyText = z
  .string()
  .refine((text) => Buffer.byteLength(text) <= 32_768, 'a policy has at most 32,768 bytes')
  .refine((text) => jsonText(PolicyDocument).safeParse(text).success, 'it has to be a policy of version 1');

const PolicyName = z.literal('default').default('default');

export function setSecretPolicy({ store }: KmsContext): Operation {
  return defineOperation({
    product: 'kms',
    action: 'SetSecretPolicy',
    quota: 'change',
    parameters: z.object({ SecretName, PolicyName, Policy: PolicyText }),
    run: (input) =>
      store.update((state) => {
        const secret = findLiveSecret(state, input.SecretName);
        return { next: withSecret(state, { ...secret, policy: input.Policy }), result: {} };
      }),
  });
}

export function getSecretPolicy({ store }: KmsContext): Operation {
  return defineOperation({
    product: 'kms',
    action: 'GetSecretPolicy',
    quota: 'secret-read',
    parameters: z.object({ SecretName, PolicyName: z.string().default('default') }),
    run: (input) => {
      const secret = findSecret(store.current, input.SecretName);
      if (input.PolicyName !== 'default') throw new ApiError('Forbidden.ResourceNotFound', 'Resource not found.');
      return { Policy: secret.policy === '' ? defaultPolicy(store.current.accountId) : secret.policy };
    },
  });
}

function defaultPolicy(accountId: string): string {
  return JSON.stringify({
    Version: '1',
    Statement: [
      {
        Sid: 'kms default secret policy',
        Effect: 'Allow',
        Principal: { RAM: [`acs:ram::${accountId}:*`] },
        Action: ['kms:*'],
        Resource: ['*'],
      },
    ],
  });
}
