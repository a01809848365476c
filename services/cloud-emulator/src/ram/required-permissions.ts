import { defaultKey, keyArn } from '../kms/find-key.js';
import { secretArn } from '../kms/find-secret.js';
import { numbered } from '../kms/numbered.js';
import type { SecretRecord } from '../kms/secret.js';
import type { Rules } from '../rules.js';
import type { AccountState } from '../state/state.js';

type Parameters = ReadonlyMap<string, string>;
type State = Readonly<AccountState>;

/** One thing that the caller must be allowed. */
export interface Required {
  readonly action: string;
  readonly resource: string;
  /** The secret that the resource is, when it exists. */
  readonly secret?: SecretRecord;
  /** The key that the secret's value is encrypted with. */
  readonly keyOfSecret?: true;
  /** The service whose role is to be made. */
  readonly serviceName?: string;
}

/**
 * Longer than any name or ARN. What is longer is refused later, and is cut before it is held against the wildcards of policies, as
 * that takes long.
 */
const longestName = 512;
/** Operations that use a value need the key for it as well (reference section 4). */
const keyActions: Readonly<Record<string, string>> = {
  GetSecretValue: 'kms:Decrypt',
  CreateSecret: 'kms:GenerateDataKey',
  PutSecretValue: 'kms:GenerateDataKey',
};
/** What an operation works on, told by its name alone: a parameter that it does not read must not choose what is checked. */
const onKeys = new Set([
  ...['DescribeKey', 'EnableKey', 'DisableKey', 'ScheduleKeyDeletion', 'CancelKeyDeletion'],
  ...['ListResourceTags', 'Encrypt', 'Decrypt', 'GenerateDataKey'],
]);
const onEverything = new Set(['ListKmsInstances', 'GetKmsInstanceQuotaInfos', 'DescribeRegions']);
/** By `ResourceType` and `ResourceId.N`. */
const onNumbered = new Set(['TagResources', 'UntagResources', 'ListTagResources']);
/** On the secret or the key that is named. */
const onEither = new Set(['TagResource', 'UntagResource']);
/** Operations on the container of secrets, of keys, or of aliases (KMS, "Use RAM to control access to KMS resources"). */
const containers: ReadonlyMap<string, string> = new Map([
  ...['ListSecrets', 'CreateSecret', 'BatchGetSecretValue'].map((action) => [action, 'secret'] as const),
  ...['ListKeys', 'CreateKey'].map((action) => [action, 'key'] as const),
  ['ListAliases', 'alias'],
]);

/**
 * What a call of KMS needs, before anything is known of its parameters but their text.
 * @param state of the account that the call works in
 */
export function requiredByKms(action: string, parameters: Parameters, state: State, rules: Rules): Required[] {
  if (action === 'DescribeRegions' && rules.openDescribeRegions) return [];
  return [
    ...resourcesOf(action, parameters, state, rules).map((one) => ({ action: `kms:${action}`, ...one })),
    ...forKey(action, parameters, state),
    ...forRole(action, parameters, state, rules),
  ];
}

type Resource = Pick<Required, 'resource' | 'secret'>;

function resourcesOf(action: string, parameters: Parameters, state: State, rules: Rules): Resource[] {
  const base = `acs:kms:${state.regionId}:${state.accountId}`;
  const everything = { resource: `${base}:*` };
  const [ofPassword, container] = [rules.randomPasswordResource, containers.get(action)];
  if (action === 'GetRandomPassword') return [ofPassword === 'secrets' ? { resource: `${base}:secret` } : everything];
  if (container !== undefined) return [{ resource: `${base}:${container}` }];
  if (action === 'CreateAlias' || action === 'DeleteAlias') return onAlias(action, parameters, state);
  if (onEverything.has(action)) return [everything];
  const secretName = given(parameters, 'SecretName');
  const keyId = given(parameters, 'KeyId');
  if (onKeys.has(action) || (onEither.has(action) && secretName === undefined))
    return [keyId === undefined ? everything : { resource: arnOfKey(keyId, state) }];
  if (onNumbered.has(action)) {
    const one = (id: string): Resource =>
      parameters.get('ResourceType') === 'key' ? { resource: arnOfKey(id, state) } : secretOf(id, state);
    const ids = numbered(parameters, (number) => `ResourceId.${number}`);
    return ids.length === 0 ? [everything] : ids.map((id) => one(id.slice(0, longestName)));
  }
  return [secretName === undefined ? everything : secretOf(secretName, state)];
}

/** The alias and its key; where one is not named, or not there, the other alone. */
function onAlias(action: 'CreateAlias' | 'DeleteAlias', parameters: Parameters, state: State): Resource[] {
  const name = given(parameters, 'AliasName') ?? '';
  const ofAlias = state.aliases.find((alias) => alias.name === name)?.keyId;
  const keyId = action === 'CreateAlias' ? given(parameters, 'KeyId') : ofAlias;
  const alias = { resource: `acs:kms:${state.regionId}:${state.accountId}:${name}` };
  return [alias, ...(keyId === undefined ? [] : [{ resource: arnOfKey(keyId, state) }])];
}

/** An empty text counts as absent, as it does for the operations. */
function given(parameters: Parameters, name: string): string | undefined {
  return parameters.get(name)?.slice(0, longestName) || undefined;
}

/** STS: whoever's the role is, the caller's own account has to permit it; whom the role trusts is for AssumeRole to ask. */
export function requiredBySts(action: string, parameters: Parameters): Required[] {
  return [{ action: `sts:${action}`, resource: given(parameters, 'RoleArn') ?? '' }];
}

/** ECS: resources are not told apart here. */
export function requiredByEcs(action: string): Required[] {
  return [{ action: `ecs:${action}`, resource: '*' }];
}

function secretOf(nameOrArn: string, state: State): Resource {
  const secret = findByArn(nameOrArn, state);
  return { resource: arnOfSecret(nameOrArn, state), ...(secret && { secret }) };
}

function forKey(action: string, parameters: Parameters, state: State): Required[] {
  const keyAction = keyActions[action];
  if (keyAction === undefined) return [];
  if (action === 'CreateSecret') {
    const chosen = defaultKey(state, given(parameters, 'DKMSInstanceId'))?.keyId ?? '*';
    return [{ action: keyAction, resource: arnOfKey(given(parameters, 'EncryptionKeyId') ?? chosen, state) }];
  }
  const keyId = findByArn(given(parameters, 'SecretName') ?? '', state)?.encryptionKeyId ?? '*';
  return [{ action: keyAction, resource: arnOfKey(keyId, state), keyOfSecret: true }];
}

/** The role in which KMS rotates is made by the first ECS secret of an account, in the name of who makes that (reference 3.4). */
function forRole(action: string, parameters: Parameters, { secrets }: State, { serviceLinkedRole }: Rules): Required[] {
  const isFirst = parameters.get('SecretType') === 'ECS' && !secrets.some(({ type }) => type === 'ECS');
  if (action !== 'CreateSecret' || serviceLinkedRole === 'there' || !isFirst) return [];
  const serviceName = 'secretsmanager-ecs.kms.aliyuncs.com';
  return [{ action: 'ram:CreateServiceLinkedRole', resource: '*', serviceName }];
}

function findByArn(nameOrArn: string, state: State): SecretRecord | undefined {
  const arn = arnOfSecret(nameOrArn, state);
  return state.secrets.find(({ name }) => secretArn(state, name) === arn);
}

function arnOfSecret(nameOrArn: string, state: State): string {
  return nameOrArn.startsWith('acs:kms:') ? nameOrArn : secretArn(state, nameOrArn);
}

/** By an alias it is still the key that is used. */
function arnOfKey(name: string, state: State): string {
  if (name.startsWith('acs:kms:')) return name;
  const alias = state.aliases.find((one) => one.name === name);
  return keyArn(state, { keyId: alias?.keyId ?? name });
}
