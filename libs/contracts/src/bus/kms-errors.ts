/** What every request that asks KMS may be answered with. */
export const kmsErrors = [
  'kms.unreachable',
  'kms.unresolved',
  'kms.timeout',
  'kms.throttled',
  'kms.denied',
  'kms.key-denied',
  'kms.key-unavailable',
  'kms.clock-skew',
  'kms.credentials-rejected',
  'kms.credentials-expired',
  'kms.failed',
] as const;
