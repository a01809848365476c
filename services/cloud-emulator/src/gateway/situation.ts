import { z } from 'zod';

/**
 * Refusals whose code or HTTP status the pages leave open, or give in two ways. The rule `refusals` changes what such a one
 * is answered with; the README has the code that each has otherwise.
 */
export const Situation = z.enum([
  'unknown-operation',
  'operation-not-built',
  'unknown-access-key',
  'inactive-access-key',
  'expired-token',
  'wrong-token',
  'missing-signature',
  'wrong-signature',
  'time-off',
  'missing-parameter',
  'kms-throttled',
  'kms-unavailable',
  'ecs-throttled',
  'ecs-dry-run-would-work',
  'no-service-linked-role',
  'secret-policy-denied',
  'unknown-secret-policy',
  'read-in-delete-window',
  'kms-instance-expired',
  'unknown-encryption-key',
  'rotating',
  'too-many-rotations',
  'value-of-managed-secret',
  'version-exists',
  'dry-run-would-work',
  'dry-run-denied',
  'dry-run-invalid',
  'dry-run-not-found',
  'assume-role-denied',
  'unknown-role',
]);
export type Situation = z.infer<typeof Situation>;

/** What a refusal is answered with: any code, so that one can be tried that the emulator does not have. */
export const Refusal = z.strictObject({
  code: z.string().regex(/^[A-Za-z]{1,64}(\.[A-Za-z]{1,64}){0,2}$/),
  status: z.int().min(400).max(599),
});
export type Refusal = z.infer<typeof Refusal>;
