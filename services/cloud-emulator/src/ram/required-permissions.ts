import { keyArn } from '../kms/find-key.js';
import { secretArn } from '../kms/find-secret.js';
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

/** Operations that use a value need the key for it as well (reference section 4). */
const keyActions: Readonly<Record<string, string>> = {
  GetSecretValue: 'kms:Decrypt',
  CreateSecret: 'kms:GenerateDataKey',
  PutSecretValue: 'kms:GenerateDataKey',
};
/** Operations that look at no parameter that names a secret. */
const onKeys = new Set([
  ...['DescribeKey', 'EnableKey', 'DisableKey', 'ScheduleKeyDeletion', 'CancelKeyDeletion'],
  ...['CreateAlias', 'ListResourceTags'],
]);
const onEverything = new Set([
  ...['ListKeys', 'CreateKey', 'ListAliases', 'DeleteAlias', 'ListKmsInstances', 'GetKmsInstanceQuotaInfos'],
]);
const onNumbered = new Set(['TagResources', 'UntagResources', 'ListTagResources']);
/** Operations on the container of secrets. */
const onAllSecrets = new Set(['ListSecrets', 'CreateSecret', 'BatchGetSecretValue']);

/**
 * What a call of KMS needs, before anything is known of its parameters but their text.
 * @param state of the account that the call works in
 */
export function requiredByKms(action: string, parameters: Parameters, state: State, rules: Rules): Required[] {
  const permission = `kms:${action}`;
  const base = `acs:kms:${state.regionId}:${state.accountId}`;
  const named = parameters.get('SecretName');
  if (action === 'DescribeRegions' && rules.openDescribeRegions) return [];
  if (action === 'GetRandomPassword')
    return [{ action: permission, resource: `${base}:${rules.randomPasswordResource === 'secrets' ? 'secret' : '*'}` }];
  if (onAllSecrets.has(action))
    return [
      { action: permission, resource: `${base}:secret` },
      ...forKey(action, parameters, state),
      ...forRole(action, parameters, state, rules),
    ];
  const keyId = parameters.get('KeyId');
  if (onEverything.has(action)) return [{ action: permission, resource: `${base}:*` }];
  if (onKeys.has(action)) return [{ action: permission, resource: arnOfKey(keyId ?? '*', state) }];
  const ids = onNumbered.has(action) ? resourceIds(parameters) : named === undefined ? [] : [named];
  if (ids.length > 0) {
    const ofKeys = parameters.get('ResourceType') === 'key';
    const one = (id: string): Required =>
      ofKeys ? { action: permission, resource: arnOfKey(id, state) } : onSecret(permission, id, state);
    return [...ids.map(one), ...forKey(action, parameters, state)];
  }
  return [{ action: permission, resource: keyId === undefined ? `${base}:*` : arnOfKey(keyId, state) }];
}

/** ECS: resources are not told apart here. */
export function requiredByEcs(action: string): Required[] {
  return [{ action: `ecs:${action}`, resource: '*' }];
}

function onSecret(action: string, nameOrArn: string, state: State): Required {
  const secret = findByArn(nameOrArn, state);
  return { action, resource: arnOfSecret(nameOrArn, state), ...(secret && { secret }) };
}

function forKey(action: string, parameters: Parameters, state: State): Required[] {
  const keyAction = keyActions[action];
  if (keyAction === undefined) return [];
  if (action === 'CreateSecret')
    return [{ action: keyAction, resource: arnOfKey(parameters.get('EncryptionKeyId') ?? '*', state) }];
  const keyId = findByArn(parameters.get('SecretName') ?? '', state)?.encryptionKeyId ?? '*';
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

function arnOfKey(keyIdOrArn: string, state: State): string {
  return keyIdOrArn.startsWith('acs:kms:') ? keyIdOrArn : keyArn(state, { keyId: keyIdOrArn });
}

function resourceIds(parameters: Parameters): string[] {
  const numbers = Array.from({ length: 50 }, (_, index) => index + 1);
  return numbers.map((number) => parameters.get(`ResourceId.${number}`)).filter((id) => id !== undefined);
}
