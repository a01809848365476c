import type { Factor, UserId } from '@sallyport/contracts';

/** A user's secret for one-time codes, RFC 6238. */
export interface StoredTotp {
  userId: UserId;
  /** See FactorCipher. */
  encryptedSecret: Buffer;
  /** `pending` until a first code was shown. */
  status: Factor['status'];
  createdAt: Date;
}

export function describeTotp({ status, createdAt }: StoredTotp): Factor {
  return { kind: 'totp', status, createdAt: createdAt.toISOString() };
}
