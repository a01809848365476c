import { baseSettings, ConfigError, count, secretText } from '@sallyport/config';
import { RegionId } from '@sallyport/contracts';
import { z } from 'zod';
import { endpointProblem } from './kms/kms-endpoint.js';

const Endpoint = z.string().superRefine((endpoint, context) => {
  const message = endpointProblem(endpoint);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

/** The broker's settings, by the names of environment variables; each may come as NAME_FILE. */
export const Settings = z.object({
  ...baseSettings,
  /** Where KMS listens; `{region}` stands for the region. Plain http on loopback only. */
  KMS_ENDPOINT: Endpoint.default('https://kms.{region}.aliyuncs.com'),
  /** The region of requests that name none. */
  KMS_REGION_ID: RegionId,
  /** A static access key, with a token when it is temporary; without it, the default chain of Alibaba Cloud's SDK. */
  ALIBABA_CLOUD_ACCESS_KEY_ID: z.string().min(1).optional(),
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: secretText().optional(),
  ALIBABA_CLOUD_SECURITY_TOKEN: secretText().optional(),
  /** The same for the administration of secrets; without it, the identity above does that too. */
  KMS_ADMIN_ACCESS_KEY_ID: z.string().min(1).optional(),
  KMS_ADMIN_ACCESS_KEY_SECRET: secretText().optional(),
  KMS_ADMIN_SECURITY_TOKEN: secretText().optional(),
  /** `query` puts what is sent, secret values included, into URLs: only for a gateway that takes no forms. */
  KMS_PARAMETERS_IN: z.enum(['body', 'query']).default('body'),
  /** Tries of one call, and how long one of them, and all with their pauses, may take. */
  KMS_TRIES: count(1, 10).default(3),
  KMS_TRY_TIMEOUT_MS: count(100, 60_000).default(4_000),
  KMS_PATIENCE_MS: count(100, 60_000).default(8_000),
  /** The part of the account's quota that this replica uses: others call KMS too. */
  KMS_QUOTA_PERCENT: count(1, 1_000).default(50),
  /** Calls to KMS that may be on their way at once, for each region and kind of call. */
  KMS_MAX_IN_FLIGHT: count(1, 1_000).default(64),
  /** How fast the metadata of secrets is read (DescribeSecret), and how often it is looked for changes. */
  KMS_INDEX_PER_SECOND: count(1, 450).default(50),
  KMS_INDEX_REFRESH_MS: count(1_000, 3_600_000).default(60_000),
  /** How long KMS may take to name another current version after a host refused one. */
  ROTATION_WAIT_MS: count(0, 10_000).default(5_000),
  /** So long after a rotation the previous version is tried once. */
  ROTATION_RECENT_MS: count(0, 3_600_000).default(120_000),
  /** X25519 private key, PKCS#8 PEM: administrators' secret values come sealed to it. */
  BROKER_SEALING_PRIVATE_KEY: secretText(),
});
export type Settings = z.output<typeof Settings>;

/** @throws ConfigError settings that are each right do not go together */
export function checkTogether(settings: Settings): void {
  for (const prefix of ['ALIBABA_CLOUD', 'KMS_ADMIN'] as const) {
    const [id, secret] = [`${prefix}_ACCESS_KEY_ID`, `${prefix}_ACCESS_KEY_SECRET`] as const;
    if ((settings[id] === undefined) !== (settings[secret] === undefined))
      throw new ConfigError(`${id} and ${secret} come together or not at all`);
  }
}
