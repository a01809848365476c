import type { EmulatorState } from '../state/state.js';
import type { SecretRecord } from '../kms/secret.js';

type Parameters = ReadonlyMap<string, string>;
type State = Readonly<EmulatorState>;

/** One thing that the caller must be allowed. */
export interface Required {
  readonly action: string;
  readonly resource: string;
  /** The secret that the resource is, when it exists. */
  readonly secret?: SecretRecord;
}

/** Operations that use a value need the key for it as well (reference section 4). */
const keyActions: Readonly<Record<string, string>> = {
  GetSecretValue: 'kms:Decrypt',
  CreateSecret: 'kms:GenerateDataKey',
  PutSecretValue: 'kms:GenerateDataKey',
};
/** Operations on the container of secrets. */
const onAllSecrets = new Set(['ListSecrets', 'CreateSecret', 'GetRandomPassword', 'BatchGetSecretValue']);

/** What a call of KMS needs, before anything is known of its parameters but their text. */
export function requiredByKms(action: string, parameters: Parameters, state: State): Required[] {
  const permission = `kms:${action}`;
  const base = `acs:kms:${state.regionId}:${state.accountId}`;
  const named = parameters.get('SecretName');
  if (onAllSecrets.has(action))
    return [{ action: permission, resource: `${base}:secret` }, ...forKey(action, parameters, state)];
  const ids = named === undefined ? resourceIds(parameters) : [named];
  if (ids.length > 0) {
    const ofKeys = parameters.get('ResourceType') === 'key';
    const one = (id: string): Required =>
      ofKeys ? { action: permission, resource: keyArn(id, state) } : onSecret(permission, id, state);
    return [...ids.map(one), ...forKey(action, parameters, state)];
  }
  const keyId = parameters.get('KeyId');
  return [{ action: permission, resource: keyId === undefined ? `${base}:*` : keyArn(keyId, state) }];
}

/** ECS: resources are not told apart here. */
export function requiredByEcs(action: string): Required[] {
  return [{ action: `ecs:${action}`, resource: '*' }];
}

function onSecret(action: string, nameOrArn: string, state: State): Required {
  const arn = nameOrArn.startsWith('acs:kms:')
    ? nameOrArn
    : `acs:kms:${state.regionId}:${state.accountId}:secret/${nameOrArn}`;
  const name = arn.slice(arn.indexOf(':secret/') + ':secret/'.length);
  const secret = state.secrets.find((one) => one.name === name);
  return { action, resource: arn, ...(secret && { secret }) };
}

function forKey(action: string, parameters: Parameters, state: State): Required[] {
  const keyAction = keyActions[action];
  if (keyAction === undefined) return [];
  const nameOrArn = parameters.get('SecretName') ?? '';
  const secret = state.secrets.find(({ name }) => nameOrArn === name || nameOrArn.endsWith(`:secret/${name}`));
  const keyId = action === 'CreateSecret' ? parameters.get('EncryptionKeyId') : secret?.encryptionKeyId;
  return [{ action: keyAction, resource: keyArn(keyId ?? '*', state) }];
}

function keyArn(keyId: string, { regionId, accountId }: State): string {
  return keyId.startsWith('acs:kms:') ? keyId : `acs:kms:${regionId}:${accountId}:key/${keyId}`;
}

function resourceIds(parameters: Parameters): string[] {
  const numbers = Array.from({ length: 50 }, (_, index) => index + 1);
  return numbers.map((number) => parameters.get(`ResourceId.${number}`)).filter((id) => id !== undefined);
}
