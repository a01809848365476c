import { SecretAccess } from '@sallyport/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessOf, checkPolicy, ownerOf, policyFor } from './secret-policy.js';

const owner = '1000000000000001';
const own = (name: string): string => `acs:ram::${owner}:${name}`;
const foreign = 'acs:ram::2000000000000002:user/eve';
const nobody = SecretAccess.parse({});
const invalid = (message: string) =>
  expect.objectContaining({ code: 'request.invalid', message: expect.stringContaining(message) as string }) as Error;

describe('a policy built from people', () => {
  it('permits each role the actions of the procedure, and nothing else', () => {
    const access = { administrators: ['user/ann'], users: ['role/bastion'], crossAccountUsers: [foreign] };
    expect(JSON.parse(policyFor(access, owner))).toEqual({
      Version: '1',
      Statement: [
        {
          Sid: 'sallyport-administrators',
          Effect: 'Allow',
          Principal: { RAM: [own('user/ann')] },
          Action: [
            'kms:List*',
            'kms:Describe*',
            'kms:PutSecretValue',
            'kms:Update*',
            'kms:DeleteSecret',
            'kms:RestoreSecret',
            'kms:RotateSecret',
            'kms:TagResource',
            'kms:UntagResource',
          ],
          Resource: ['*'],
        },
        {
          Sid: 'sallyport-users',
          Effect: 'Allow',
          Principal: { RAM: [own('role/bastion')] },
          Action: ['kms:List*', 'kms:Describe*', 'kms:GetSecretValue'],
          Resource: ['*'],
        },
        {
          Sid: 'sallyport-cross-account-users',
          Effect: 'Allow',
          Principal: { RAM: [foreign] },
          Action: ['kms:List*', 'kms:Describe*', 'kms:GetSecretValue'],
          Resource: ['*'],
        },
      ],
    });
  });

  it.each<[Partial<SecretAccess>, string]>([
    [{}, 'it names nobody'],
    [{ administrators: [foreign] }, 'access.administrators: only of the account that owns the secret'],
    [{ users: [foreign] }, 'access.users: only of the account'],
    [{ crossAccountUsers: [own('user/ann')] }, 'access.crossAccountUsers: only of other accounts'],
    [{ crossAccountUsers: ['user/eve'] }, 'access.crossAccountUsers: acs:ram::ACCOUNT:user/NAME'],
    [{ users: ['ann'] }, 'access.users: user/NAME, role/NAME, or acs:ram::ACCOUNT:user/NAME'],
    [{ users: [own('*')] }, 'access.users'],
    [{ users: ['user/a b'] }, 'access.users'],
  ])('refuses %j', (access, message) => {
    expect(() => policyFor({ ...nobody, ...access }, owner)).toThrow(invalid(message));
  });

  it('takes only full names while the owner is not known', () => {
    expect(() => policyFor({ ...nobody, users: ['user/ann'] }, undefined)).toThrow(
      invalid('access.users: acs:ram::ACCOUNT:user/NAME; without encryptionKeyId the account is not known'),
    );
    expect(policyFor({ ...nobody, users: [own('user/ann')] }, undefined)).toContain(own('user/ann'));
  });

  it('is refused when it names more people than a policy has room for', () => {
    const users = Array.from({ length: 100 }, (_, n) => `user/${String(n).padEnd(100, 'x')}`);
    const crossAccountUsers = users.map((name) => `acs:ram::2000000000000002:${name}`);
    const all = { administrators: users, users, crossAccountUsers };
    expect(() => policyFor(all, owner)).toThrow(invalid('policy: at most 32768 bytes'));
    expect(policyFor({ ...all, crossAccountUsers: [] }, owner).length).toBeLessThan(32_768);
  });

  it('is read back as the people it was built from', () => {
    const people = fc.uniqueArray(fc.stringMatching(/^(user|role)\/[A-Za-z0-9._@-]{1,30}$/), { maxLength: 5 });
    fc.assert(
      fc.property(people, people, people, (administrators, users, others) => {
        fc.pre(administrators.length + users.length + others.length > 0);
        const access = {
          administrators: administrators.map(own),
          users: users.map(own),
          crossAccountUsers: others.map((name) => `acs:ram::2000000000000002:${name}`),
        };
        expect(accessOf(policyFor(access, owner))).toEqual(access);
      }),
    );
  });

  it('is read back from an earlier one, which had spaces in its Sids', () => {
    const access = { administrators: [own('user/ann')], users: [own('role/ops')], crossAccountUsers: [] };
    const text = policyFor(access, owner);
    const earlier = text.replaceAll(/"sallyport-([a-z]+)"/g, '"sallyport $1"');
    expect(earlier).not.toBe(text);
    expect(accessOf(earlier)).toEqual(access);
  });

  it('is not seen in a policy that says more, or other things', () => {
    const built = JSON.parse(policyFor({ ...nobody, users: ['user/ann'] }, owner)) as { Statement: object[] };
    const change = (more: object): string =>
      JSON.stringify({ ...built, Statement: built.Statement.map((statement) => ({ ...statement, ...more })) });
    for (const more of [
      { Effect: 'Deny' },
      { Action: ['kms:*'] },
      { Sid: 'mine' },
      { Condition: { IpAddress: { 'acs:SourceIp': ['10.0.0.0/8'] } } },
    ])
      expect(accessOf(change(more))).toBeUndefined();
    expect(accessOf('no JSON')).toBeUndefined();
  });
});

describe('a policy given as JSON', () => {
  const statement = {
    Sid: 'kms default secret policy',
    Effect: 'Allow',
    Principal: { RAM: [own('*')] },
    Action: ['kms:*'],
    Resource: ['*'],
  };
  const policy = (change: object = {}): string =>
    JSON.stringify({ Version: '1', Statement: [{ ...statement, ...change }] });

  it.each([
    {},
    { Principal: { RAM: [own('root'), own('user/ann'), own('role/x'), foreign] } },
    { Effect: 'Deny', Condition: { IpAddress: { 'acs:SourceIp': ['10.0.0.0/8'] } } },
    { Condition: { StringEquals: { 'kms:tag/env': 'prod' } } },
    { Condition: { StringEquals: { 'kms:tag/a': '{"b":"\\\\","b":1}' }, StringLike: { 'kms:tag/a': 'x' } } },
    { Sid: undefined, Action: ['kms:List*', 'kms:GetSecretValue'] },
  ])('is taken with %j', (change) => {
    expect(() => {
      checkPolicy(policy(change));
    }).not.toThrow();
  });

  it.each<[string, string, string]>([
    ['no JSON', 'allow', 'policy: must be JSON'],
    ['no object', '"allow"', 'policy: '],
    ['another version', JSON.stringify({ Version: '2', Statement: [statement] }), 'Version'],
    ['no statement', JSON.stringify({ Version: '1', Statement: [] }), 'Statement'],
    ['a word too many', policy({ NotAction: ['kms:*'] }), 'Statement.0'],
    ['another effect', policy({ Effect: 'allow' }), 'Statement.0.Effect'],
    ['everybody', policy({ Principal: { RAM: ['*'] } }), 'Statement.0.Principal.RAM.0'],
    ['a service', policy({ Principal: { Service: ['ecs.aliyuncs.com'] } }), 'Statement.0.Principal'],
    ['an action of another product', policy({ Action: ['ecs:*'] }), 'Statement.0.Action.0: starts with kms:'],
    ['another resource', policy({ Resource: ['acs:kms:*'] }), 'Statement.0.Resource'],
    ['two resources', policy({ Resource: ['*', '*'] }), 'Statement.0.Resource'],
    [
      'an unknown key',
      policy({ Condition: { Bool: { 'acs:MFAPresent': ['true'] } } }),
      'Condition.Bool.acs:MFAPresent',
    ],
    ['a Sid of 129', policy({ Sid: 's'.repeat(129) }), 'Statement.0.Sid'],
    ['two lists of statements', policy().replace('"Statement"', '"Statement":[],"Statement"'), 'twice: Statement'],
    [
      'two effects',
      policy().replace('"Effect"', '"Eff\\u0065ct":"Deny", "Effect"'),
      'policy: a member stands twice: Effect',
    ],
    ['32,769 bytes', policy().padEnd(32_769), 'policy: at most 32768 bytes'],
    [
      'so many bytes in half as many characters',
      policy({ Condition: { StringEquals: { 'kms:tag/a': 'é'.repeat(16_384) } } }),
      'policy: at most 32768 bytes',
    ],
  ])('is refused with %s', (_, text, message) => {
    expect(() => {
      checkPolicy(text);
    }).toThrow(invalid(message));
  });
});

it('ownerOf reads the account in an ARN of KMS', () => {
  expect(ownerOf(`acs:kms:cn-hangzhou:${owner}:secret/acs/ecs/web`)).toBe(owner);
  for (const none of [undefined, '', own('user/ann')]) expect(ownerOf(none)).toBeUndefined();
});
