import { HostKeyMode, Username } from '@sallyport/contracts';
import { baseSettings, count, secretText } from '@sallyport/config';
import { postgresSettings } from '@sallyport/postgres';
import { z } from 'zod';
import { ecsEndpoint } from './cloud/ecs-endpoint.js';

const settings = z.object({
  ...baseSettings,
  ...postgresSettings,
  /** Ed25519, PKCS#8 PEM; its public half is ASSET_SIGNING_PUBLIC_KEY. Signs identities, grants and attestations. */
  ASSET_SIGNING_PRIVATE_KEY: secretText(),
  /** X25519, PKCS#8 PEM. Passwords of users are sealed to it. */
  ASSET_SEALING_PRIVATE_KEY: secretText(),
  /** 32 bytes in base64: secrets of second factors are encrypted with it in the database. */
  ASSET_FACTOR_KEY: secretText(),
  /** How long a person stays signed in; 8 hours. */
  ASSET_TOKEN_LIFETIME_SECONDS: count(60, 7 * 24 * 3_600).default(8 * 3_600),
  /** Of hosts that are imported from now on; each can be changed. */
  ASSET_HOST_KEY_MODE: HostKeyMode.default('pin-on-first-use'),
  /** The first administrator, made when there is no user at all; give both or none. */
  ASSET_BOOTSTRAP_ADMIN_USERNAME: Username.optional(),
  ASSET_BOOTSTRAP_ADMIN_PASSWORD: secretText().optional(),
  /** How often the cloud is asked how the accounts' secrets stand, and whether the hosts' instances are there. */
  ASSET_WATCH_SECONDS: count(1, 86_400).default(60),
  /** Such as http://127.0.0.1:18080 for the emulator; without it the SDK's endpoint of each region. */
  ECS_ENDPOINT: ecsEndpoint.optional(),
  /** Give both, or none for the default chain of @alicloud/credentials. */
  ALIBABA_CLOUD_ACCESS_KEY_ID: z.string().min(1).optional(),
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: secretText().optional(),
  /** Of a temporary access key (STS). */
  ALIBABA_CLOUD_SECURITY_TOKEN: secretText().optional(),
});
export type AssetSettings = z.infer<typeof settings>;

const pairs = [
  ['ASSET_BOOTSTRAP_ADMIN_USERNAME', 'ASSET_BOOTSTRAP_ADMIN_PASSWORD'],
  ['ALIBABA_CLOUD_ACCESS_KEY_ID', 'ALIBABA_CLOUD_ACCESS_KEY_SECRET'],
] as const;

export const assetSettings = settings.superRefine((values, context) => {
  for (const pair of pairs) {
    const missing = pair.filter((name) => values[name] === undefined);
    if (missing.length === 1) context.addIssue({ code: 'custom', path: missing, message: 'belongs to the other one' });
  }
});
