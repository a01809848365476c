import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from './evaluate.js';
import type { Question } from './evaluate.js';
import { defaultSecretPolicy } from './policy.js';
import type { IdentityPolicy, SecretPolicy } from './policy.js';
import type { Principal } from './principal.js';
import { systemPolicies } from './system-policies.js';

const own = '1000000000000001';
const other = '2000000000000002';
const secretArn = `acs:kms:cn-hangzhou:${own}:secret/acs/ecs/web-01`;
const user: Principal = { accountId: own, kind: 'user', name: 'bob' };
const stranger: Principal = { accountId: other, kind: 'user', name: 'eve' };

const ram = (Effect: 'Allow' | 'Deny', Action: string, Resource = '*'): IdentityPolicy => ({
  Version: '1',
  Statement: [{ Effect, Action: [Action], Resource: [Resource] }],
});
const onSecret = (Effect: 'Allow' | 'Deny', named: string, Action = 'kms:*', more = {}): SecretPolicy => ({
  Version: '1',
  Statement: [{ Effect, Principal: { RAM: [named] }, Action: [Action], Resource: ['*'], ...more }],
});
const ask = (changes: Partial<Question>) =>
  decide({
    action: 'kms:GetSecretValue',
    resource: secretArn,
    owner: own,
    principal: user,
    identityPolicies: [],
    accountPrincipalPermits: false,
    facts: { sourceIp: '127.0.0.1', tags: new Map([['env', 'prod']]) },
    ...changes,
  });
const bob = `acs:ram::${own}:user/bob`;
const eve = `acs:ram::${other}:user/eve`;

describe('in the same account', () => {
  it('either the RAM policy or the policy of the secret has to allow', () => {
    expect(ask({})).toBe('implicit-deny');
    expect(ask({ identityPolicies: [ram('Allow', 'kms:Get*')] })).toBe('allowed');
    expect(ask({ secretPolicy: onSecret('Allow', bob) })).toBe('allowed');
    expect(ask({ secretPolicy: onSecret('Allow', `acs:ram::${own}:user/alice`) })).toBe('implicit-deny');
    expect(ask({ identityPolicies: [ram('Allow', 'kms:*', '*:secret/acs/ecs/db-*')] })).toBe('implicit-deny');
    expect(ask({ identityPolicies: [ram('Allow', 'KMS:getsecretvalue', '*:secret/acs/ecs/*')] })).toBe('allowed');
  });

  it('a Deny on either side wins, for the account itself too', () => {
    const identityPolicies = [ram('Allow', '*')];
    expect(ask({ identityPolicies: [...identityPolicies, ram('Deny', 'kms:GetSecretValue')] })).toBe('explicit-deny');
    expect(ask({ identityPolicies, secretPolicy: onSecret('Deny', bob) })).toBe('explicit-deny');
    const root: Principal = { accountId: own, kind: 'root', name: '' };
    expect(ask({ principal: root })).toBe('allowed');
    expect(ask({ principal: root, secretPolicy: onSecret('Deny', `acs:ram::${own}:*`) })).toBe('explicit-deny');
  });

  it('the default policy leaves it to RAM, unless the rules say otherwise', () => {
    expect(ask({ secretPolicy: defaultSecretPolicy(own) })).toBe('implicit-deny');
    expect(ask({ secretPolicy: defaultSecretPolicy(own), accountPrincipalPermits: true })).toBe('allowed');
  });
});

describe('from another account', () => {
  it('both have to allow', () => {
    const identityPolicies = [ram('Allow', 'kms:*')];
    const secretPolicy = onSecret('Allow', eve);
    expect(ask({ principal: stranger, identityPolicies })).toBe('implicit-deny');
    expect(ask({ principal: stranger, secretPolicy })).toBe('implicit-deny');
    expect(ask({ principal: stranger, identityPolicies, secretPolicy })).toBe('allowed');
    expect(ask({ principal: stranger, identityPolicies, secretPolicy: defaultSecretPolicy(own) })).toBe(
      'implicit-deny',
    );
  });
});

describe('conditions', () => {
  const when = (operator: string, key: string, value: string, effect: 'Allow' | 'Deny' = 'Allow') =>
    ask({
      identityPolicies: effect === 'Deny' ? [ram('Allow', '*')] : [],
      secretPolicy: onSecret(effect, bob, 'kms:*', { Condition: { [operator]: { [key]: [value] } } }),
    });

  it.each([
    ['IpAddress', 'acs:SourceIp', '127.0.0.0/8', 'allowed'],
    ['IpAddress', 'acs:SourceIp', '10.0.0.0/8', 'implicit-deny'],
    ['NotIpAddress', 'acs:SourceIp', '10.0.0.0/8', 'allowed'],
    ['StringEquals', 'kms:tag/env', 'prod', 'allowed'],
    ['StringEquals', 'kms:tag/env', 'test', 'implicit-deny'],
    ['StringNotEquals', 'kms:tag/env', 'test', 'allowed'],
    ['StringLike', 'kms:tag/env', 'pr*', 'allowed'],
    ['IpAddress', 'acs:SourceIp', 'nonsense', 'implicit-deny'],
  ])('%s %s %s', (operator, key, value, expected) => {
    expect(when(operator, key, value)).toBe(expected);
  });

  it('one that nobody knows opens nothing, and closes', () => {
    expect(when('DateGreaterThan', 'acs:CurrentTime', '2020-01-01')).toBe('implicit-deny');
    expect(when('DateGreaterThan', 'acs:CurrentTime', '2020-01-01', 'Deny')).toBe('explicit-deny');
  });
});

it('AliyunKMSSecretUserAccess reads values, and does not list', () => {
  const { AliyunKMSSecretUserAccess: policy } = systemPolicies;
  const identityPolicies = policy ? [policy] : [];
  expect(ask({ identityPolicies })).toBe('allowed');
  expect(ask({ identityPolicies, action: 'kms:ListSecrets', resource: `acs:kms:cn-hangzhou:${own}:secret` })).toBe(
    'implicit-deny',
  );
});

/** An independent small model: sets of effects per side, and the truth table of reference section 4. */
it('agrees with the truth table, whatever the policies', () => {
  const effects = fc.subarray(['Allow', 'Deny'] as const);
  fc.assert(
    fc.property(effects, effects, fc.boolean(), fc.boolean(), (byRam, bySecret, foreign, named) => {
      const principal = foreign ? stranger : user;
      const name = !named ? 'acs:ram::3000000000000003:user/zoe' : foreign ? eve : bob;
      const statements = bySecret.flatMap((effect) => onSecret(effect, name).Statement);
      const secretPolicy =
        statements.length === 0 ? {} : { secretPolicy: { Version: '1' as const, Statement: statements } };
      const identityPolicies = byRam.map((effect) => ram(effect, 'kms:GetSecretValue'));
      const onTheSecret = named ? bySecret : [];
      const denied = byRam.includes('Deny') || onTheSecret.includes('Deny');
      const allows = [byRam.includes('Allow'), onTheSecret.includes('Allow')];
      const allowed = foreign ? allows.every(Boolean) : allows.some(Boolean);
      const expected = denied ? 'explicit-deny' : allowed ? 'allowed' : 'implicit-deny';
      expect(ask({ principal, identityPolicies, ...secretPolicy })).toBe(expected);
    }),
  );
});
