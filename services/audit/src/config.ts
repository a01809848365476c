import { baseSettings, count, secretText } from '@sallyport/config';
import { postgresSettings } from '@sallyport/postgres';
import { z } from 'zod';

export const settings = z.object({
  ...baseSettings,
  ...postgresSettings,
  /** Events stored, and acknowledged, at once. */
  AUDIT_BATCH_SIZE: count(1, 5_000).default(1_000),
  /** Ed25519, PEM (PKCS#8): signs the checkpoints of the log. The same for all replicas, and for as long as the log lives. */
  AUDIT_LOG_PRIVATE_KEY: secretText(),
  /** The name of the log in its checkpoints, C2SP tlog-checkpoint: no scheme, no space, no `+`. Never changes. */
  AUDIT_LOG_ORIGIN: z.string().regex(/^[^\s+]{1,200}$/, 'has no space and no "+"'),
  /** An event has no checkpoint for this long at most, and a second. */
  AUDIT_CHECKPOINT_SECONDS: count(1, 9).default(5),
  /** X25519, PEM (PKCS#8): the keys of webhooks are sealed to it, and kept so. */
  AUDIT_SEALING_PRIVATE_KEY: secretText(),
  /** Networks (`10.1.0.0/16`), comma-separated, that events may be sent to although they are not of the public Internet. */
  AUDIT_DELIVERY_NETWORKS: z
    .string()
    .default('')
    .transform((text) => text.split(',').map((part) => part.trim()))
    .transform((parts) => parts.filter((part) => part !== ''))
    .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))),
  /** Where recordings are kept: a folder that every replica sees. Needed unless there is a bucket. */
  AUDIT_RECORDING_FOLDER: z.string().optional(),
  /** Or a bucket, of S3 or what speaks its protocol, as OSS does. */
  AUDIT_RECORDING_BUCKET: z.string().optional(),
  AUDIT_RECORDING_S3_REGION: z.string().optional(),
  /** Of what is not AWS: `https://s3.oss-cn-hangzhou.aliyuncs.com`. */
  AUDIT_RECORDING_S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  /** The bucket in the path instead of the host's name, as MinIO wants it; OSS does not take it. */
  AUDIT_RECORDING_S3_PATH_STYLE: z.stringbool().default(false),
  /** Unless the SDK's own chain finds them: environment, profile, role of the instance or the pod. */
  AUDIT_RECORDING_S3_ACCESS_KEY_ID: z.string().optional(),
  AUDIT_RECORDING_S3_SECRET_ACCESS_KEY: secretText().optional(),
  /** 32 bytes, base64: recordings are encrypted with it. The same for all replicas; without it no recording can be read. */
  AUDIT_RECORDING_KEY: secretText().refine((text) => Buffer.from(text.expose(), 'base64').length === 32, {
    error: 'must be 32 bytes in base64',
  }),
  /** How long a session process may be silent until its recordings are taken for lost; its sessions, after three times as long. */
  AUDIT_RECORDING_LOST_SECONDS: count(1, 3_600).default(20),
  /** PEM: authorities that the certificates of syslog servers may be signed by, instead of those that Node trusts. */
  AUDIT_SYSLOG_CA: z.string().optional(),
  /** Checkpoints are appended to this file, on storage that the database's administrators do not write to. */
  AUDIT_WITNESS_FILE: z.string().optional(),
  /** Checkpoints are sent to this URL as well, each as a POST of the signed note. */
  AUDIT_WITNESS_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Or put into this bucket, an object each: give it retention. The rest as for recordings. */
  AUDIT_WITNESS_BUCKET: z.string().optional(),
  AUDIT_WITNESS_S3_REGION: z.string().optional(),
  AUDIT_WITNESS_S3_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  AUDIT_WITNESS_S3_PATH_STYLE: z.stringbool().default(false),
  AUDIT_WITNESS_S3_ACCESS_KEY_ID: z.string().optional(),
  AUDIT_WITNESS_S3_SECRET_ACCESS_KEY: secretText().optional(),
});
export type Settings = z.infer<typeof settings>;
