import { DomainError } from '@sallyport/errors';

/**
 * KMS's rules for a new ECS secret (reference, sections 2.1 and 2.12), held here so that what breaks one is refused with
 * its name and nothing is sent. All lengths are in characters where not said otherwise.
 */
export const limits = {
  valueBytes: 30_720,
  policyBytes: 32_768,
  nameLength: 192,
  tags: 20,
  tagLength: 128,
  /** One hour; some pages of KMS say more, and the server then refuses by itself. */
  rotationSecondsLeast: 3_600,
  rotationSecondsMost: 365 * 86_400,
} as const;

const NAME_PREFIX = 'acs/ecs/';
const NAME = /^[A-Za-z0-9_/+=.@-]+$/;
const TAG_TEXT = /^[\p{L}\p{N}/\\_\-.+=:@ ]*$/u;
const RESERVED_TAG_KEY = /^(aliyun|acs:)/i;

export interface SecretInput {
  readonly name: string;
  readonly tags?: readonly { readonly key: string; readonly value: string }[] | undefined;
  readonly rotation?: { readonly intervalSeconds: number } | undefined;
  readonly policy?: string | undefined;
}

/** @throws DomainError `request.invalid` with the first rule that is broken */
export function checkSecretInput({ name, tags = [], rotation, policy }: SecretInput): void {
  checkName(name);
  checkTags(tags);
  if (rotation) checkRotationInterval(rotation.intervalSeconds);
  if (policy !== undefined) checkPolicy(policy);
}

export function checkRotationInterval(seconds: number): void {
  const { rotationSecondsLeast: least, rotationSecondsMost: most } = limits;
  demand(seconds >= least && seconds <= most, `rotation: from 1 hour (${least} s) to 365 days (${most} s)`);
}

export function checkValueSize(value: Buffer): void {
  demand(value.length <= limits.valueBytes, `value: at most ${limits.valueBytes} bytes`);
}

function checkName(name: string): void {
  demand(name.length <= limits.nameLength, `name: at most ${limits.nameLength} characters`);
  demand(NAME.test(name), 'name: only letters A-Z and a-z, digits, and the signs _ / + = . - @');
  demand(
    name.startsWith(NAME_PREFIX) && name !== NAME_PREFIX,
    `name: the name of an ECS secret starts with ${NAME_PREFIX}`,
  );
}

function checkTags(tags: readonly { key: string; value: string }[]): void {
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
    demand(!RESERVED_TAG_KEY.test(key), 'tags: a key does not start with aliyun or acs:');
  }
}

function checkPolicy(policy: string): void {
  demand(Buffer.byteLength(policy) <= limits.policyBytes, `policy: at most ${limits.policyBytes} bytes`);
  try {
    JSON.parse(policy);
  } catch {
    demand(false, 'policy: must be JSON');
  }
}

function demand(holds: boolean, rule: string): void {
  if (!holds) throw new DomainError('request.invalid', rule);
}
