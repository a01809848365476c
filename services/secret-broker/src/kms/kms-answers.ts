import type { KmsInstance, KmsKey, Secret as SecretDescription } from '@sallyport/contracts';
import { z } from 'zod';

/**
 * The answers of KMS as far as we read them. Members that we do not know are passed over, and those that KMS may leave out
 * or send empty (reference, section 10) are optional. No schema reports the input in its error.
 */
const optionalText = z
  .string()
  .optional()
  .transform((text) => (text === '' ? undefined : text));
const list = <T extends z.ZodType>(name: string, item: T) =>
  z
    .record(z.string(), z.unknown())
    .optional()
    .transform((holder) => holder?.[name] ?? [])
    .pipe(z.array(item));

/** Server time `YYYY-MM-DDThh:mm:ssZ`. */
const time = optionalText.transform((text) => {
  const at = new Date(text ?? '');
  return Number.isNaN(at.getTime()) ? undefined : at;
});

/** `604800s`; units other than seconds are for requests only. */
const seconds = optionalText.transform((text) =>
  text && /^\d{1,12}s$/.test(text) ? Number(text.slice(0, -1)) : undefined,
);

const Pairs = z.record(z.string(), z.string());
/** An object or, as some have seen it, its JSON text. */
const CustomData = z.union([Pairs, z.string().transform(parseJson).pipe(Pairs)]);

/** A string of JSON that may be absent, empty, or have other members than ours in any order. */
const ExtendedConfig = optionalText.transform((text) => {
  const parsed = z
    .object({
      SecretSubType: z.string().optional(),
      InstanceId: z.string().optional(),
      CustomData: CustomData.optional().catch(undefined),
    })
    .safeParse(parseJson(text ?? ''));
  return parsed.success ? parsed.data : {};
});

const Tag = z.object({ TagKey: z.string(), TagValue: z.string().default('') });

const rotation = {
  AutomaticRotation: z.enum(['Enabled', 'Disabled', 'Invalid']).optional().catch(undefined),
  RotationInterval: seconds,
  NextRotationDate: time,
  LastRotationDate: time,
};

const described = {
  SecretName: z.string(),
  Arn: optionalText,
  SecretType: z.string().default('Generic'),
  EncryptionKeyId: optionalText,
  DKMSInstanceId: optionalText,
  Description: optionalText,
  CreateTime: time,
  UpdateTime: time,
  PlannedDeleteTime: time,
  /** So it is spelled. */
  OwingService: optionalText,
  ExtendedConfig,
  Tags: list('Tag', Tag),
  ...rotation,
};

export const Recorded = z.object({ RequestId: z.string().default('') });
export const DescribeAnswer = z.object(described);
export const ListAnswer = z.object({
  SecretList: list('Secret', z.object(described)),
  TotalCount: z.coerce.number().int(),
});
export const ValueAnswer = Recorded.extend({
  SecretData: z.string(),
  VersionId: z.string().min(1).max(64),
  LastRotationDate: time,
  AutomaticRotation: z.string().optional(),
});
export const VersionsAnswer = z.object({
  VersionIds: list(
    'VersionId',
    z.object({ VersionId: z.string(), CreateTime: z.string(), VersionStages: list('VersionStage', z.string()) }),
  ),
  TotalCount: z.coerce.number().int(),
});
export const DeleteAnswer = Recorded.extend({ PlannedDeleteTime: time });

export const PolicyAnswer = Recorded.extend({ Policy: z.string() });
export const PasswordAnswer = z.object({ RandomPassword: z.string().min(1) });
export const KeyAnswer = z.object({
  KeyMetadata: z.object({
    KeyId: z.string(),
    Arn: optionalText,
    KeyState: z.string(),
    KeySpec: z.string(),
    KeyUsage: z.string(),
    Description: optionalText,
    DKMSInstanceId: optionalText,
  }),
});
export const KeysAnswer = z.object({
  Keys: list('Key', z.object({ KeyId: z.string() })),
  TotalCount: z.coerce.number().int(),
});
export const InstancesAnswer = z.object({
  KmsInstances: list('KmsInstance', z.object({ KmsInstanceId: z.string(), KmsInstanceArn: optionalText })),
  TotalCount: z.coerce.number().int(),
});
export const RegionsAnswer = z.object({ Regions: list('Region', z.object({ RegionId: z.string() })) });

const kinds: Readonly<Record<string, SecretDescription['kind']>> = { Password: 'password', SSHKey: 'ssh-key' };

/** Our words for KMS's; what is not there stays undefined. */
export function toDescription(regionId: string, answer: z.infer<typeof DescribeAnswer>): SecretDescription {
  const { ExtendedConfig: config, Tags: tags } = answer;
  return {
    name: answer.SecretName,
    regionId,
    arn: answer.Arn,
    type: answer.SecretType,
    kind: kinds[config.SecretSubType ?? ''],
    instanceId: config.InstanceId,
    encryptionKeyId: answer.EncryptionKeyId,
    kmsInstanceId: answer.DKMSInstanceId,
    description: answer.Description,
    createdAt: answer.CreateTime?.toISOString(),
    updatedAt: answer.UpdateTime?.toISOString(),
    plannedDeleteAt: answer.PlannedDeleteTime?.toISOString(),
    owningService: answer.OwingService,
    automaticRotation: answer.AutomaticRotation,
    rotationIntervalSeconds: answer.RotationInterval,
    nextRotationAt: answer.NextRotationDate?.toISOString(),
    lastRotationAt: answer.LastRotationDate?.toISOString(),
    tags: tags.map((tag) => ({ key: tag.TagKey, value: tag.TagValue })),
    customData: config.CustomData,
  };
}

/** Key specs that encrypt and decrypt with one key (KMS, "Key specifications"). */
const symmetricSpec = /^Aliyun_(AES_\d+|SM4)$/;

export function toKey({ KeyMetadata: key }: z.infer<typeof KeyAnswer>): KmsKey {
  const [keySpec, keyUsage, state] = [key.KeySpec, key.KeyUsage, key.KeyState];
  return {
    keyId: key.KeyId,
    arn: key.Arn,
    kmsInstanceId: key.DKMSInstanceId,
    keySpec,
    keyUsage,
    state,
    description: key.Description,
    encryptsSecrets: symmetricSpec.test(keySpec) && keyUsage === 'ENCRYPT/DECRYPT' && state === 'Enabled',
  };
}

export function toInstance(answer: z.infer<typeof InstancesAnswer>['KmsInstances'][number]): KmsInstance {
  return { kmsInstanceId: answer.KmsInstanceId, arn: answer.KmsInstanceArn };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
