import { DomainError } from '@sallyport/errors';
import { checkPolicy } from './secret-policy.js';

/**
 * KMS's rules for a new ECS secret (reference, sections 2.1 and 2.12), held here so that what breaks one is refused with
 * its name and nothing is sent. All lengths are in characters where not said otherwise.
 */
export const limits = {
  valueBytes: 30_720,
  nameLength: 192,
  tags: 20,
  tagLength: 128,
  customDataPairs: 10,
  /** Of CustomData as JSON: ExtendedConfig has 1,024, and the rest of it is ours. */
  customDataLength: 768,
  /** One hour; some pages of KMS say more, and the server then refuses by itself. */
  rotationSecondsLeast: 3_600,
  rotationSecondsMost: 365 * 86_400,
} as const;

const NAME_PREFIX = 'acs/ecs/';
/** By name, or by ARN where the secret is another account's. */
const ECS_SECRET = /^(?:acs:kms:[^:]*:\d+:secret\/)?acs\/ecs\/./;
const NAME = /^[A-Za-z0-9_/+=.@-]+$/;
const TAG_TEXT = /^[\p{L}\p{N}/\\_\-.+=:@ ]*$/u;
const RESERVED_TAG_KEY = /^(aliyun|acs:)/i;

/** What the rules say something of. */
export interface SecretInput {
  readonly name: string;
  readonly tags?: readonly { readonly key: string; readonly value: string }[] | undefined;
  readonly rotation?: { readonly intervalSeconds: number } | undefined;
  readonly customData?: Readonly<Record<string, string>> | undefined;
  readonly policy?: string | undefined;
  readonly encryptionKeyId?: string | undefined;
  readonly kmsInstanceId?: string | undefined;
}

/** @throws DomainError `request.invalid` with the first rule that is broken */
export function checkSecretInput({ name, tags = [], rotation, customData, policy, ...where }: SecretInput): void {
  checkName(name);
  demand(where.encryptionKeyId !== '', 'encryptionKeyId: it is empty; name a key, or leave it out');
  demand(where.kmsInstanceId !== '', 'kmsInstanceId: it is empty; name a KMS instance, or leave it out');
  checkTags(tags);
  if (rotation) checkRotationInterval(rotation.intervalSeconds);
  if (customData) checkCustomData(customData);
  if (policy !== undefined) checkPolicy(policy);
}

/** @throws DomainError `request.invalid` */
export function checkRotationInterval(seconds: number): void {
  const { rotationSecondsLeast: least, rotationSecondsMost: most } = limits;
  demand(seconds >= least && seconds <= most, `rotation: from 1 hour (${least} s) to 365 days (${most} s)`);
}

/** @throws DomainError `request.invalid` */
export function checkValueSize(value: Buffer): void {
  demand(value.length <= limits.valueBytes, `value: at most ${limits.valueBytes} bytes`);
}

/**
 * That a secret to be changed is an ECS secret: others are not ours to administrate, whatever our identity in the cloud may do.
 * @throws DomainError `request.invalid`
 */
export function checkEcsSecret(name: string): void {
  demand(ECS_SECRET.test(name), `name: the name of an ECS secret starts with ${NAME_PREFIX}`);
}

function checkName(name: string): void {
  demand(name.length <= limits.nameLength, `name: at most ${limits.nameLength} characters`);
  demand(NAME.test(name), 'name: only letters A-Z and a-z, digits, and the signs _ / + = . - @');
  demand(
    name.startsWith(NAME_PREFIX) && name !== NAME_PREFIX,
    `name: the name of an ECS secret starts with ${NAME_PREFIX}`,
  );
}

/** @throws DomainError `request.invalid` */
export function checkCustomData(customData: Readonly<Record<string, string>>): void {
  const { customDataPairs: pairs, customDataLength: length } = limits;
  demand(Object.keys(customData).length <= pairs, `customData: at most ${pairs} pairs`);
  demand(JSON.stringify(customData).length <= length, `customData: at most ${length} characters as JSON`);
}

/** @throws DomainError `request.invalid` */
export function checkTags(tags: readonly { readonly key: string; readonly value: string }[]): void {
  demand(tags.length <= limits.tags, `tags: at most ${limits.tags}`);
  demand(new Set(tags.map(({ key }) => key)).size === tags.length, 'tags: each key once');
  for (const { key, value } of tags) {
    demand(key !== '', 'tags: a key is not empty');
    demand(
      Math.max(key.length, value.length) <= limits.tagLength,
      `tags: key and value at most ${limits.tagLength} characters`,
    );
    demand(
      TAG_TEXT.test(key) && TAG_TEXT.test(value),
      'tags: only letters, digits, spaces, and the signs / \\ _ - . + = : @',
    );
    demand(!isReservedTagKey(key), 'tags: a key does not start with aliyun or acs:');
  }
}

/** Of the tags that Alibaba Cloud sets itself. */
export function isReservedTagKey(key: string): boolean {
  return RESERVED_TAG_KEY.test(key);
}

function demand(holds: boolean, rule: string): void {
  if (!holds) throw new DomainError('request.invalid', rule);
}
