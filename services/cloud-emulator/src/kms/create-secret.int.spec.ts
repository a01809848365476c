import { beforeAll, describe, expect, it } from 'vitest';
import { call, extendedConfig, passwordSecret } from '../signed-request.suite.js';
import { captured, startEmulator } from '../start-emulator.suite.js';
import type { TestEmulator } from '../start-emulator.suite.js';

const tags = (count: number, key = 'k'): string =>
  JSON.stringify(Array.from({ length: count }, (_, index) => ({ TagKey: `${key}${index}`, TagValue: 'v' })));
const pairs = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));
const dataOf = (bytes: number): string => {
  const empty = JSON.stringify({ UserName: 'root', Password: '' });
  return JSON.stringify({ UserName: 'root', Password: 'x'.repeat(bytes - empty.length) });
};
/** So many bytes, in half as many characters. */
const wideDataOf = (bytes: number): string => {
  const empty = JSON.stringify({ UserName: 'root', Password: 'x' });
  return JSON.stringify({ UserName: 'root', Password: `x${'ü'.repeat((bytes - empty.length) / 2)}` });
};
/** A policy of so many bytes. */
const policyOf = (bytes: number, filling: string): string => {
  const statement = { Effect: 'Allow', Principal: { RAM: ['acs:ram::1:root'] }, Action: ['kms:'], Resource: ['*'] };
  const text = (action: string): string =>
    JSON.stringify({ Version: '1', Statement: [{ ...statement, Action: [`kms:${action}`] }] });
  const room = bytes - Buffer.byteLength(text(''));
  return text(filling.repeat(Math.floor(room / Buffer.byteLength(filling))));
};
const sshKey = { SecretSubType: 'SSHKey' };
const sshData = { UserName: 'deploy', PublicKey: 'ssh-ed25519 AAAA', PrivateKey: '-----BEGIN PRIVATE KEY-----\n' };
const rotating = (interval: string): Record<string, string> => ({
  EnableAutomaticRotation: 'true',
  RotationInterval: interval,
});

type Case = [rule: string, changes: Record<string, string>, message: RegExp];

const refused: Case[] = [
  ['no name', { SecretName: '' }, /SecretName/],
  ['a bad character in the name', { SecretName: 'acs/ecs/web 01' }, /letters, digits and _ \/ \+ = \. - @/],
  ['193 characters of name', { SecretName: `acs/ecs/${'x'.repeat(185)}` }, /at most 192 characters/],
  ['an ECS secret outside acs/ecs/', { SecretName: 'web-01' }, /starts with acs\/ecs\//],
  ['an ECS secret of no name but the prefix', { SecretName: 'acs/ecs/' }, /starts with acs\/ecs\//],
  ['a Generic secret inside acs/', { SecretType: 'Generic' }, /does not start with acs\//],
  ['a type that the emulator has not', { SecretType: 'Rds' }, /SecretType/],
  ['no version', { VersionId: '' }, /VersionId/],
  ['65 characters of version', { VersionId: 'v'.repeat(65) }, /at most 64 characters/],
  ['30,721 bytes of value', { SecretData: dataOf(30_721) }, /at most 30720 bytes/],
  ['30,722 bytes in half as many characters', { SecretData: wideDataOf(30_722) }, /at most 30720 bytes/],
  ['binary data', { SecretDataType: 'binary' }, /is text/],
  ['a value that is not JSON', { SecretData: 'secret' }, /UserName and Password/],
  ['a value without a password', { SecretData: '{"UserName":"root"}' }, /UserName and Password/],
  ['a password for an SSHKey', { ExtendedConfig: extendedConfig(sshKey) }, /UserName, PublicKey \(OpenSSH\)/],
  ['no ExtendedConfig', { ExtendedConfig: '' }, /ExtendedConfig/],
  ['ExtendedConfig that is not JSON', { ExtendedConfig: '{' }, /JSON/],
  ['another sub type', { ExtendedConfig: extendedConfig({ SecretSubType: 'Token' }) }, /ExtendedConfig/],
  ['another region', { ExtendedConfig: extendedConfig({ RegionId: 'cn-beijing' }) }, /region of the secret/],
  ['11 pairs of custom data', { ExtendedConfig: extendedConfig({ CustomData: pairs(11) }) }, /at most 10 pairs/],
  ['1,025 characters', { ExtendedConfig: extendedConfig({ CustomData: { k: 'x'.repeat(950) } }) }, /at most 1,024/],
  ['21 tags', { Tags: tags(21) }, /at most 20 tags/],
  ['a tag key acs:x', { Tags: tags(1, 'acs:x') }, /aliyun or acs:/],
  ['a tag key aliyun', { Tags: tags(1, 'aliyun') }, /aliyun or acs:/],
  ['a tag of 129 characters', { Tags: tags(1, 'x'.repeat(128)) }, /at most 128 characters/],
  ['a tag with a bad character', { Tags: tags(1, 'a*') }, /letters, digits and/],
  ['a tag given twice', { Tags: JSON.stringify([0, 1].map(() => ({ TagKey: 'a', TagValue: 'b' }))) }, /given once/],
  ['rotation of 59 minutes', rotating('59m'), /from 3600s to 31536000s/],
  ['rotation of 366 days', rotating('366d'), /from 3600s to 31536000s/],
  ['rotation of no such unit', rotating('2w'), /integer\[unit\]/],
  ['rotation without an interval', { EnableAutomaticRotation: 'true' }, /RotationInterval is mandatory/],
  ['32,769 bytes of policy', { Policy: policyOf(32_769, 'x') }, /at most 32,768 bytes/],
  ['more bytes of policy than characters', { Policy: policyOf(40_000, '中') }, /at most 32,768 bytes/],
  ['a policy that is none', { Policy: '{"Version":"2"}' }, /policy of version 1/],
];

describe('CreateSecret', () => {
  let started: TestEmulator;
  beforeAll(async () => {
    started = await startEmulator();
  });
  const create = (changes: Record<string, string>) =>
    call(started.emulator.endpoint, 'CreateSecret', passwordSecret(changes));
  const names = async (): Promise<number> =>
    (await call(started.emulator.endpoint, 'ListSecrets', {})).body['TotalCount'] as number;

  it.each(refused)('refuses %s, names the rule, stores nothing', async (_rule, changes, message) => {
    const { status, body } = await create(changes);
    expect(status).toBe(400);
    expect(['InvalidParameter', 'MissingParameter']).toContain(body['Code']);
    expect(body['Message']).toMatch(message);
    expect(await names()).toBe(0);
  });

  it('refuses an unknown key, an asymmetric one, and one of another KMS instance', async () => {
    const { endpoint } = started.emulator;
    const { body } = await call(endpoint, 'CreateKey', { KeySpec: 'RSA_2048', DKMSInstanceId: captured.kmsInstanceId });
    const asymmetric = (body['KeyMetadata'] as { KeyId: string }).KeyId;
    expect((await create({ EncryptionKeyId: 'key-none' })).body['Code']).toBe('Forbidden.KeyNotFound');
    expect((await create({ EncryptionKeyId: asymmetric })).body['Message']).toMatch(/symmetric/);
    expect((await create({ DKMSInstanceId: 'kst-none' })).status).toBe(404);
    await started.admin('PUT', 'kms-instances/kst-other', { state: 'Available' });
    const elsewhere = await call(endpoint, 'CreateKey', { DKMSInstanceId: 'kst-other' });
    const EncryptionKeyId = (elsewhere.body['KeyMetadata'] as { KeyId: string }).KeyId;
    expect((await create({ EncryptionKeyId })).body).toMatchObject({
      Code: 'InvalidParameter',
      Message: expect.stringMatching(/key of the same KMS instance/) as string,
    });
    expect((await create({ DKMSInstanceId: 'kst-other' })).body['Message']).toMatch(/key of the same KMS instance/);
    expect(await names()).toBe(0);
  });

  it('takes values and names at their limits', async () => {
    const largest = { SecretName: `acs/ecs/${'x'.repeat(184)}`, SecretData: dataOf(30_720), Tags: tags(20) };
    expect((await create({ ...largest, VersionId: 'v'.repeat(64), ...rotating('1h') })).status).toBe(200);
    expect((await create({ SecretName: 'acs/ecs/year', ...rotating('365d') })).status).toBe(200);
    const wide = { SecretData: wideDataOf(30_720), Policy: policyOf(32_768, 'x') };
    expect((await create({ SecretName: 'acs/ecs/wide', ...wide })).status).toBe(200);
    const read = await call(started.emulator.endpoint, 'GetSecretValue', { SecretName: 'acs/ecs/wide' });
    expect(read.body['SecretData']).toBe(wide.SecretData);
    const key = { ExtendedConfig: extendedConfig({ ...sshKey, CustomData: pairs(10) }) };
    const made = await create({ SecretName: 'acs/ecs/key', SecretData: JSON.stringify(sshData), ...key });
    expect(made.body).toMatchObject({ AutomaticRotation: 'Disabled', SecretType: 'ECS' });
    expect((await create({ SecretName: 'acs/ecs/key' })).body['Code']).toBe('Rejected.ResourceExist');
  });

  it('takes any text as the value when the rules are told so', async () => {
    await started.admin('PUT', 'rules', { checkSecretData: false });
    expect((await create({ SecretName: 'acs/ecs/free', SecretData: 'not JSON' })).status).toBe(200);
    await started.admin('PUT', 'rules', { requireEncryptionKey: true });
    const without = await create({ SecretName: 'acs/ecs/no-key', EncryptionKeyId: '' });
    expect(without.body).toMatchObject({ Code: 'MissingParameter' });
  });
});
