import { z } from 'zod';

/** How rotations go, for tests: set by `PUT /__emulator/rotation`. What is not named keeps its value. */
export const RotationBehaviour = z.strictObject({
  /** Between the request and the first effect. */
  delayMs: z.int().min(0).max(600_000),
  /** Which comes first, the new credential on the host or ACSCurrent: the cloud's pages do not say. */
  order: z.enum(['host-first', 'kms-first']),
  /** Between the two. */
  gapMs: z.int().min(0).max(600_000),
  /** `before`: fails before anything changed. `after`: the host changed, KMS calls it failed. */
  fail: z.enum(['before', 'after']).nullable(),
});
export type RotationBehaviour = z.infer<typeof RotationBehaviour>;

export const usualBehaviour: RotationBehaviour = { delayMs: 0, order: 'host-first', gapMs: 0, fail: null };
