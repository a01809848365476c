import { beforeEach, describe, expect, it } from 'vitest';
import { SecretName, allow, another, codeOf, makeWorld } from '../rule-trials/world.suite.js';
import type { World } from '../rule-trials/world.suite.js';
import { call } from '../signed-request.suite.js';
import type { Keys } from '../signed-request.suite.js';
import { captured } from '../start-emulator.suite.js';

const KeyId = captured.encryptionKeyId;
const Tags = '[{"TagKey":"a","TagValue":"b"}]';
const denied = 'Forbidden.NoPermission';
let world: World;
beforeEach(async () => {
  world = await makeWorld();
});

describe('a parameter that an operation does not read', () => {
  it('opens no secret to who may use keys', async () => {
    const bob = await world.user('bob', [allow('kms:*', { Resource: 'acs:kms:*:*:key/*' })]);
    expect(await world.code('DescribeKey', { KeyId }, bob)).toBe('OK');
    for (const [action, more] of [
      ['DescribeSecret', { ResourceType: 'key' }],
      ['GetSecretValue', { ResourceType: 'key' }],
      ['DeleteSecret', { ResourceType: 'key', KeyId }],
      ['TagResource', { ResourceType: 'key', Tags }],
      ['ListTagResources', { ResourceType: 'secret', KeyId, RegionId: 'cn-hangzhou' }],
    ] as const)
      expect([action, await world.code(action, more, bob)]).toEqual([action, denied]);
  });

  it('goes round no Deny of a secret', async () => {
    const bob = await world.user('bob', [allow('kms:*')]);
    const Principal = { RAM: [bob.arn] };
    const Statement = [{ Effect: 'Deny', Principal, Action: ['kms:GetSecretValue'], Resource: ['*'] }];
    await world.ask('SetSecretPolicy', { Policy: JSON.stringify({ Version: '1', Statement }) });
    expect(await world.code('GetSecretValue', {}, bob)).toBe(denied);
    expect(await world.code('GetSecretValue', { ResourceType: 'key' }, bob)).toBe(denied);
    expect(await world.code('DescribeSecret', {}, bob)).toBe('OK');
  });

  it('opens no key to who may use secrets', async () => {
    const bob = await world.user('bob', [], { policies: ['AliyunKMSSecretAdminAccess'] });
    expect(await world.code('TagResource', { Tags }, bob)).toBe('OK');
    expect(await world.code('TagResource', { SecretName: '', KeyId, Tags }, bob)).toBe(denied);
    expect(await world.code('UntagResource', { SecretName: '', KeyId, TagKeys: '["a"]' }, bob)).toBe(denied);
  });

  it('shows no tags but of the resource that is permitted', async () => {
    const bob = await world.user('bob', [allow('kms:ListTagResources', { Resource: `*:secret/${SecretName}` })]);
    const list = { RegionId: 'cn-hangzhou', ResourceType: 'secret', SecretName: '' };
    expect(await world.code('ListTagResources', { ...list, 'ResourceId.1': SecretName }, bob)).toBe('OK');
    expect(await world.code('ListTagResources', { ...list, 'ResourceId.2': SecretName }, bob)).toBe(denied);
    const both = { ...list, 'ResourceId.1': SecretName, 'ResourceId.2': 'acs/ecs/other' };
    expect(await world.code('ListTagResources', both, bob)).toBe(denied);
  });
});

describe('a key', () => {
  it('is the same by its alias', async () => {
    await world.ask('CreateAlias', { KeyId, AliasName: 'alias/web' });
    const noKey = allow('kms:*', { Effect: 'Deny', Resource: `*:key/${KeyId}` });
    const bob = await world.user('bob', [allow('kms:*'), noKey]);
    for (const name of [KeyId, 'alias/web']) {
      expect(await world.code('DisableKey', { KeyId: name }, bob)).toBe(denied);
      expect(await world.code('CreateSecret', another({ EncryptionKeyId: name }), bob)).toBe(denied);
    }
    expect(await world.code('DescribeKey', { KeyId: 'alias/none' })).toBe('Forbidden.AliasNotFound');
  });

  it('and its alias are both needed to name it so, and to take the name away', async () => {
    const on = (...resources: string[]) => resources.map((Resource) => allow('kms:*', { Resource }));
    const [alias, key] = ['acs:kms:*:*:alias/web', `acs:kms:*:*:key/${KeyId}`];
    const people = [
      await world.user('of-alias', on(alias)),
      await world.user('of-key', on(key)),
      await world.user('of-another', on('acs:kms:*:*:alias/db', key)),
      await world.user('of-both', on(alias, key)),
    ];
    for (const action of ['CreateAlias', 'DeleteAlias']) {
      const codes: string[] = [];
      for (const person of people) codes.push(await world.code(action, { KeyId, AliasName: 'alias/web' }, person));
      expect([action, ...codes]).toEqual([action, denied, denied, denied, 'OK']);
    }
  });

  it('is made and listed by who may use the container of keys, and aliases are listed by theirs', async () => {
    const keys = await world.user('keys', [allow('kms:*', { Resource: 'acs:kms:*:*:key' })]);
    const aliases = await world.user('aliases', [allow('kms:*', { Resource: 'acs:kms:*:*:alias' })]);
    const actions = ['ListKeys', 'CreateKey', 'ListAliases', 'ListSecrets'];
    const all = async (person: Keys) =>
      Promise.all(actions.map((action) => world.code(action, { SecretName: '' }, person)));
    expect(await all(keys)).toEqual(['OK', 'OK', denied, denied]);
    expect(await all(aliases)).toEqual([denied, denied, 'OK', denied]);
  });

  it('is the one that is chosen, for a secret that names none', async () => {
    const create = (name: string, Resource: string) =>
      world
        .user(name, [allow('kms:CreateSecret'), allow('kms:GenerateDataKey', { Resource })])
        .then((person) => world.code('CreateSecret', another({ EncryptionKeyId: '' }), person));
    expect(await create('bob', '*:key/key-other')).toBe(denied);
    expect(await create('eve', `*:key/${KeyId}`)).toBe('OK');
  });
});

describe('a value', () => {
  it('is put by who may use the key for it', async () => {
    await world.ask('CreateSecret', { SecretName: 'plain', VersionId: '1', SecretData: 'one' });
    const put = (name: string, Resource: string) =>
      world
        .user(name, [allow('kms:PutSecretValue'), allow('kms:GenerateDataKey', { Resource })])
        .then((person) =>
          world.code('PutSecretValue', { SecretName: 'plain', VersionId: name, SecretData: 'x' }, person),
        );
    expect(await put('bob', '*:key/key-other')).toBe(denied);
    expect(await put('eve', `*:key/${KeyId}`)).toBe('OK');
  });

  it('is read in a batch by who may read it alone', async () => {
    const SecretsList = JSON.stringify([{ SecretName }]);
    const read = async (name: string, statements: object[]) =>
      world.ask('BatchGetSecretValue', { SecretsList }, await world.user(name, statements));
    const batch = allow('kms:BatchGetSecretValue');
    const refused = { SecretValues: [], Errors: [{ SecretName, Code: denied, HttpStatus: 403 }] };
    expect(await read('bob', [batch])).toMatchObject(refused);
    expect(await read('eve', [batch, allow('kms:GetSecretValue')])).toMatchObject(refused); // not the key
    expect(await read('zoe', [batch, allow('kms:GetSecretValue'), allow('kms:Decrypt')])).toMatchObject({
      SecretValues: [{ SecretName }],
      Errors: [],
    });
  });
});

describe('AssumeRole', () => {
  const elsewhere = '2000000000000002';
  const assume = async (person: Keys, role: object, more: Record<string, string> = {}) => {
    const { arn } = await world.admin('PUT', 'ram/roles/reader', role);
    const asked = { RoleArn: String(arn), RoleSessionName: 'test', ...more };
    const { body } = await call(world.endpoint, 'AssumeRole', asked, '2015-04-01', person);
    return { body, session: sessionIn(body) };
  };
  const sessionIn = ({ Credentials }: Record<string, unknown>) => {
    const { AccessKeyId, AccessKeySecret, SecurityToken } = (Credentials ?? {}) as Record<string, string>;
    const keys = { accessKeyId: AccessKeyId ?? '', accessKeySecret: AccessKeySecret ?? '' };
    return (action: string, parameters: Record<string, string> = {}) =>
      world.code(action, { SecurityToken: SecurityToken ?? '', ...parameters }, keys);
  };
  const policies = ['AliyunKMSFullAccess'];
  const eve = () => world.user('eve', [], { accountId: elsewhere, policies: ['AliyunSTSAssumeRoleAccess'] });

  it('lets in another account that the role trusts, to what the role may', async () => {
    const trusted = await assume(await eve(), { policies, trusted: [`acs:ram::${elsewhere}:root`] });
    expect(await trusted.session('GetSecretValue')).toBe('OK');
    const byName = await assume(await eve(), { policies: [], trusted: [`acs:ram::${elsewhere}:user/eve`] });
    expect(await byName.session('GetSecretValue')).toBe(denied);
    const untrusted = await assume(await eve(), { policies, trusted: [`acs:ram::${elsewhere}:user/bob`] });
    expect(codeOf(untrusted.body)).toBe('NoPermission');
    const without = await world.user('eve', [], { accountId: elsewhere });
    expect(codeOf((await assume(without, { policies, trusted: [without.arn] })).body)).toBe('NoPermission');
  });

  it('gives credentials for as long as asked, from 900 seconds on', async () => {
    const person = await eve();
    const role = { policies, trusted: [person.arn] };
    for (const DurationSeconds of ['899', '43201'])
      expect(codeOf((await assume(person, role, { DurationSeconds })).body)).toBe('InvalidParameter');
    const { session } = await assume(person, role, { DurationSeconds: '900' });
    await world.admin('PUT', 'clock', { offsetMs: 840_000 });
    expect(await session('GetSecretValue')).toBe('OK');
    await world.admin('PUT', 'clock', { offsetMs: 960_000 });
    expect(await session('GetSecretValue')).toBe('InvalidAccessKeyId.NotFound');
  });

  it('takes a session policy of at most 2,048 characters', async () => {
    const person = await eve();
    const statement = { Effect: 'Allow', Action: 'kms:*', Resource: `acs:kms:${'x'.repeat(2_048)}` };
    const Policy = JSON.stringify({ Version: '1', Statement: [statement] });
    expect(codeOf((await assume(person, { policies, trusted: [person.arn] }, { Policy })).body)).toBe(
      'InvalidParameter',
    );
  });
});
