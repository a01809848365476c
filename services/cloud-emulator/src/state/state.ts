import { z } from 'zod';
import { Instance } from '../instances/instance.js';
import { KmsInstance, KmsKey } from '../kms/key.js';
import { RotationEvent } from '../kms/rotation-event.js';
import { SecretRecord } from '../kms/secret.js';
import { noRam, RamState } from '../ram/ram-state.js';

/** What one account owns in one region. Nothing in it is seen from another account but by its ARN. */
export const AccountState = z.object({
  /** 16 digits. */
  accountId: z.string(),
  regionId: z.string(),
  kmsInstances: z.array(KmsInstance),
  keys: z.array(KmsKey),
  secrets: z.array(SecretRecord),
  instances: z.array(Instance),
  /** When RotateSecret was called in the last hour, for its limit. */
  rotationRequests: z.array(z.string()),
  aliases: z.array(z.object({ name: z.string(), keyId: z.string() })).default([]),
  events: z.array(RotationEvent).default([]),
});
export type AccountState = z.infer<typeof AccountState>;

/** All that the emulator remembers, as one JSON file. Times are ISO 8601. Credentials in it are sealed. */
export const EmulatorState = z.object({
  format: z.literal(2),
  /** The emulator's own account: the one of its access key, and of the simulated instances. */
  accountId: z.string(),
  /** The only one there is. */
  regionId: z.string(),
  accounts: z.array(AccountState),
  ram: RamState.default(noRam),
});
export type EmulatorState = z.infer<typeof EmulatorState>;

/** Format 1 knew one account. */
const OneAccount = AccountState.extend({ format: z.literal(1), ram: RamState.default(noRam) }).transform(
  ({ ram, ...account }): EmulatorState => ({
    format: 2,
    accountId: account.accountId,
    regionId: account.regionId,
    accounts: [AccountState.parse(account)],
    ram,
  }),
);

/** The file as this version or an earlier one wrote it. */
export const StoredState = z.union([EmulatorState, OneAccount]);
