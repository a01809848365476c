import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from './evaluate.js';
import type { Question } from './evaluate.js';
import { defaultSecretPolicy, IdentityPolicy, SecretPolicy } from './policy.js';
import type { Principal } from './principal.js';
import { systemPolicy } from './system-policies.js';

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
  const policy = systemPolicy('AliyunKMSSecretUserAccess', []);
  const identityPolicies = policy ? [policy] : [];
  expect(ask({ identityPolicies })).toBe('allowed');
  expect(ask({ identityPolicies, action: 'kms:ListSecrets', resource: `acs:kms:cn-hangzhou:${own}:secret` })).toBe(
    'implicit-deny',
  );
});

/**
 * An independent small model of reference section 4, in sets and words of its own: every statement is first reduced to whether it
 * speaks of this question, by plain tables instead of wildcards, and only then the truth table is asked.
 */
describe('agrees with an independent model, whatever the policies', () => {
  const actions = ['kms:GetSecretValue', 'kms:DescribeSecret', 'kms:RotateSecret'] as const;
  /** What each pattern means, written out. */
  const meaning: Readonly<Record<string, readonly string[]>> = {
    '*': actions,
    'kms:*': actions,
    'kms:Get*': ['kms:GetSecretValue'],
    'kms:Describe*': ['kms:DescribeSecret'],
    'KMS:rotatesecret': ['kms:RotateSecret'],
    'ecs:*': [],
  };
  const resources: Readonly<Record<string, boolean>> = {
    '*': true,
    [secretArn]: true,
    'acs:kms:*:*:secret/acs/ecs/*': true,
    'acs:kms:cn-hangzhou:*:secret/acs/*/web-01': true,
    'acs:kms:cn-beijing:*:secret/*': false,
    'acs:kms:*:*:key/*': false,
  };
  /** Conditions and whether they hold for the facts of `ask`; undefined: nobody can tell. */
  const conditions: readonly (readonly [object | undefined, boolean | undefined])[] = [
    [undefined, true],
    [{ IpAddress: { 'acs:SourceIp': ['127.0.0.0/8'] } }, true],
    [{ IpAddress: { 'acs:SourceIp': ['10.0.0.0/8'] } }, false],
    [{ NotIpAddress: { 'acs:SourceIp': ['127.0.0.1'] } }, false],
    [{ StringEquals: { 'kms:tag/env': ['test', 'prod'] } }, true],
    [{ StringNotEquals: { 'kms:tag/env': ['prod'] } }, false],
    [{ DateGreaterThan: { 'acs:CurrentTime': ['2020-01-01'] } }, undefined],
  ];
  const names = {
    bob: bob,
    eve: eve,
    zoe: 'acs:ram::3000000000000003:user/zoe',
    ownAccount: `acs:ram::${own}:*`,
    otherAccount: `acs:ram::${other}:root`,
  } as const;
  type Name = keyof typeof names;
  const named = (who: Name, foreign: boolean, permits: boolean, effect: 'Allow' | 'Deny'): boolean => {
    if (who === 'ownAccount') return !foreign && (permits || effect === 'Deny');
    if (who === 'otherAccount') return foreign;
    return who === (foreign ? 'eve' : 'bob');
  };

  const effect = fc.constantFrom('Allow' as const, 'Deny' as const);
  const statement = fc.record({
    effect,
    pattern: fc.constantFrom(...Object.keys(meaning)),
    resource: fc.constantFrom(...Object.keys(resources)),
    condition: fc.constantFrom(...conditions),
    name: fc.constantFrom(...(Object.keys(names) as Name[])),
  });
  type Statement = typeof statement extends fc.Arbitrary<infer S> ? S : never;
  /** An Allow counts only when it surely holds, a Deny also when nobody can tell. */
  const counts = ({ effect: what, condition: [, holds] }: Statement): boolean => holds ?? what === 'Deny';

  it('of RAM users, of secrets, of one account and of two', () => {
    fc.assert(
      fc.property(
        fc.array(statement, { maxLength: 4 }),
        fc.array(statement, { maxLength: 4 }),
        fc.constantFrom(...actions),
        fc.boolean(),
        fc.boolean(),
        (onUser, onTheSecret, action, foreign, permits) => {
          const speaks = (one: Statement): boolean => (meaning[one.pattern] ?? []).includes(action) && counts(one);
          const user1 = onUser.filter((one) => speaks(one) && resources[one.resource]);
          const secret1 = onTheSecret
            .filter((one) => one.pattern !== '*' && one.pattern !== 'ecs:*')
            .filter((one) => speaks(one) && named(one.name, foreign, permits, one.effect));
          const says = (statements: Statement[], what: 'Allow' | 'Deny') =>
            statements.some((one) => one.effect === what);
          const denied = says(user1, 'Deny') || says(secret1, 'Deny');
          const [byUser, bySecret] = [says(user1, 'Allow'), says(secret1, 'Allow')];
          const allowed = foreign ? byUser && bySecret : byUser || bySecret;

          const identityPolicies = onUser.map(({ effect: Effect, pattern, resource, condition: [Condition] }) =>
            IdentityPolicy.parse({
              Version: '1',
              Statement: [{ Effect, Action: [pattern], Resource: [resource], ...(Condition && { Condition }) }],
            }),
          );
          const statements = onTheSecret
            .filter((one) => one.pattern !== '*' && one.pattern !== 'ecs:*')
            .map(({ effect: Effect, pattern, name, condition: [Condition] }) => ({
              Effect,
              Principal: { RAM: [names[name]] },
              Action: [pattern.replace('KMS:', 'kms:')],
              Resource: ['*'],
              ...(Condition && { Condition }),
            }));
          const secretPolicy =
            statements.length === 0
              ? {}
              : { secretPolicy: SecretPolicy.parse({ Version: '1', Statement: statements }) };
          const principal = foreign ? stranger : user;
          const decision = ask({
            action,
            principal,
            identityPolicies,
            accountPrincipalPermits: permits,
            ...secretPolicy,
          });
          expect(decision).toBe(denied ? 'explicit-deny' : allowed ? 'allowed' : 'implicit-deny');
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
