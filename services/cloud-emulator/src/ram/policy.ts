import { z } from 'zod';
import { jsonText } from '../kms/parameters.js';

/** One or several texts; policies of RAM may give either. */
const texts = z.union([z.string().transform((text) => [text]), z.array(z.string()).min(1)]);

/** `{"<operator>":{"<key>":["…"]}}` */
const Condition = z.record(z.string(), z.record(z.string(), texts));

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
