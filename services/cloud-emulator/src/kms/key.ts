import { z } from 'zod';
import { ApiError } from '../gateway/api-error.js';
import { Tag } from './secret.js';

export const KmsInstance = z.object({
  kmsInstanceId: z.string(),
  createdAt: z.string(),
  /** One that nobody paid for is there for 15 days more, and does nothing. */
  state: z.enum(['Available', 'Expired']).default('Available'),
});
export type KmsInstance = z.infer<typeof KmsInstance>;

/** Key specs that encrypt; only those can protect secrets. */
export const symmetricSpecs = ['Aliyun_AES_256', 'Aliyun_SM4'] as const;
export const keySpecs = [...symmetricSpecs, 'RSA_2048', 'RSA_3072', 'EC_P256', 'EC_P256K', 'EC_SM2'] as const;

/** What KMS tells about a key; the material is in the vault. */
export const KmsKey = z.object({
  keyId: z.string(),
  kmsInstanceId: z.string().optional(),
  keySpec: z.enum(keySpecs),
  keyUsage: z.enum(['ENCRYPT/DECRYPT', 'SIGN/VERIFY']),
  state: z.enum(['Enabled', 'Disabled', 'PendingDeletion']),
  description: z.string(),
  createdAt: z.string(),
  tags: z.array(Tag).default([]),
  /** Of the key's material; nothing that can be seen changes with it. Absent when it does not rotate by itself. */
  rotationSeconds: z.int().optional(),
  /** In its deletion window until then. */
  deletedAt: z.string().optional(),
});
export type KmsKey = z.infer<typeof KmsKey>;

export function isSymmetric({ keySpec }: KmsKey): boolean {
  return (symmetricSpecs as readonly string[]).includes(keySpec);
}

/** @throws ApiError `Rejected.Disabled`, `Rejected.PendingDeletion` */
export function refuseUnusable({ state }: KmsKey): void {
  if (state === 'Disabled') throw new ApiError('Rejected.Disabled', 'The key is disabled.');
  if (state === 'PendingDeletion') throw new ApiError('Rejected.PendingDeletion', 'The key is scheduled for deletion.');
}
