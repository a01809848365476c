import { z } from 'zod';
import { ApiError } from '../gateway/api-error.js';
import { jsonText } from '../kms/parameters.js';
import type { Rules } from '../rules.js';

/** One or several texts; policies of RAM may give either. */
const texts = z.union([z.string().transform((text) => [text]), z.array(z.string()).min(1)]);

/** zod leaves the name `__proto__` out of what it makes: such a condition would be none, and open what it is to close. */
const withoutProto = z.custom<object>(
  (value) => typeof value === 'object' && value !== null && !Object.hasOwn(value, '__proto__'),
  'nothing in a condition is called __proto__',
);

/** `{"<operator>":{"<key>":["…"]}}` */
const Condition = withoutProto.pipe(z.record(z.string(), withoutProto.pipe(z.record(z.string(), texts))));

const effect = z.enum(['Allow', 'Deny']);

/** A policy that is attached to a RAM user or role. */
export const IdentityPolicy = z.object({
  Version: z.literal('1'),
  Statement: z
    .array(z.object({ Effect: effect, Action: texts, Resource: texts, Condition: Condition.optional() }))
    .min(1),
});
export type IdentityPolicy = z.infer<typeof IdentityPolicy>;

/** A policy of a secret, reference section 4. */
export const SecretPolicy = z.object({
  Version: z.literal('1'),
  Statement: z
    .array(
      z.object({
        Sid: z
          .string()
          .regex(/^[A-Za-z0-9_/+=.@ -]{0,128}$/)
          .optional(),
        Effect: effect,
        Principal: z.object({ RAM: z.array(z.string().regex(/^acs:ram::\d{1,32}:/)).min(1) }),
        Action: z.array(z.string().startsWith('kms:')).min(1),
        Resource: z.tuple([z.literal('*')]),
        Condition: Condition.optional(),
      }),
    )
    .min(1),
});
export type SecretPolicy = z.infer<typeof SecretPolicy>;

/** Text of a secret's policy, at most 32,768 bytes. */
export const SecretPolicyText = z
  .string()
  .refine((text) => Buffer.byteLength(text) <= 32_768, 'a policy has at most 32,768 bytes')
  .refine((text) => jsonText(SecretPolicy).safeParse(text).success, 'it has to be a policy of version 1');

/**
 * What samples of policies have and their grammar has not (reference section 4).
 * @param text a policy, or none
 * @throws ApiError `InvalidParameter`
 */
export function checkPolicy(text: string, { policyAsInSamples }: Rules): void {
  if (policyAsInSamples || text === '') return;
  const { Statement } = SecretPolicy.parse(JSON.parse(text));
  const spaced = Statement.some(({ Sid = '' }) => Sid.includes(' '));
  if (spaced || Statement.some(({ Principal }) => Principal.RAM.some((named) => named.endsWith(':root'))))
    throw new ApiError('InvalidParameter', 'The specified parameter Policy is not valid: Sid or Principal.');
}

/** What every secret in a KMS instance has until another is set. */
export function defaultSecretPolicy(accountId: string): SecretPolicy {
  return {
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
  };
}
