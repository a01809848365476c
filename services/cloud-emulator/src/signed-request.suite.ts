import { randomUUID } from 'node:crypto';
import { apiTime } from './clock.js';
import { canonicalQuery } from './gateway/percent-encoding.js';
import { v1Mac, v1StringToSign } from './gateway/signature-v1.js';
import { captured } from './start-emulator.suite.js';

type Fields = Record<string, string>;
export interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** An access key. */
export interface Keys {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** A signed call without an SDK, for tests that are about something else. Gives refusals as they are. */
export async function call(
  endpoint: string,
  action: string,
  parameters: Fields,
  version = '2016-01-20',
  keys: Keys = captured,
): Promise<Reply> {
  const response = await send(endpoint, action, parameters, version, keys);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** The same, as the HTTP response. */
export function send(
  endpoint: string,
  action: string,
  parameters: Fields,
  version = '2016-01-20',
  { accessKeyId, accessKeySecret }: Keys = captured,
): Promise<Response> {
  const all = new Map(
    Object.entries({
      Format: 'JSON',
      ...parameters,
      Action: action,
      Version: version,
      AccessKeyId: accessKeyId,
      SignatureMethod: 'HMAC-SHA1',
      SignatureVersion: '1.0',
      SignatureNonce: randomUUID(),
      Timestamp: apiTime(new Date()),
    }),
  );
  all.set('Signature', v1Mac(v1StringToSign('POST', all), accessKeySecret).toString('base64'));
  return fetch(`http://${endpoint}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: canonicalQuery(all),
  });
}

/** Parameters of CreateSecret for an ECS secret with a password. */
export function passwordSecret(changes: Fields = {}): Fields {
  return {
    SecretName: 'acs/ecs/web-01',
    VersionId: 'v1',
    SecretType: 'ECS',
    SecretData: JSON.stringify({ UserName: 'root', Password: 'first' }),
    ExtendedConfig: extendedConfig(),
    EncryptionKeyId: captured.encryptionKeyId,
    DKMSInstanceId: captured.kmsInstanceId,
    ...changes,
  };
}

export function extendedConfig(changes: Record<string, unknown> = {}): string {
  return JSON.stringify({
    SecretSubType: 'Password',
    RegionId: 'cn-hangzhou',
    InstanceId: captured.instanceId,
    ...changes,
  });
}
