import { z } from 'zod';
import type { Rules } from '../rules.js';
import { jsonText } from './parameters.js';
import type { EcsBinding } from './secret.js';

const maxPairs = 10;

export const CustomData = z
  .record(z.string(), z.string())
  .refine((pairs) => Object.keys(pairs).length <= maxPairs, `CustomData has at most ${maxPairs} pairs`);

/** `ExtendedConfig` of an ECS secret, reference 2.1. Members that are not known are dropped. */
export const ExtendedConfigText = z
  .string()
  .max(1_024, 'ExtendedConfig has at most 1,024 characters')
  .pipe(
    jsonText(
      z.object({
        SecretSubType: z.enum(['Password', 'SSHKey']),
        RegionId: z.string().min(1),
        InstanceId: z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'InstanceId has to be the id of an instance'),
        CustomData: CustomData.default({}),
      }),
    ),
  )
  .transform((config): EcsBinding => ({
    secretSubType: config.SecretSubType,
    regionId: config.RegionId,
    instanceId: config.InstanceId,
    customData: config.CustomData,
  }));

/** As the server writes it: another order of members than it was given, and one more. */
export function extendedConfigText(
  { secretSubType, regionId, instanceId, customData }: EcsBinding,
  { commandId, customDataTold }: Rules,
): string {
  return JSON.stringify({
    SecretSubType: secretSubType,
    InstanceId: instanceId,
    CustomData: customDataTold === 'text' ? JSON.stringify(customData) : customData,
    CommandId: commandId,
    RegionId: regionId,
  });
}
