import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from './evaluate.js';
import type { Question } from './evaluate.js';
import { defaultSecretPolicy, IdentityPolicy, SecretPolicy } from './policy.js';
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
    ['IpAddress', 'acs:SourceIp', '10.0.0.0/', 'implicit-deny'],
    ['IpAddress', 'acs:SourceIp', '127.0.0.0/0x8', 'implicit-deny'],
    ['IpAddress', 'acs:SourceIp', '127.0.0.0/8/8', 'implicit-deny'],
    ['IpAddress', 'acs:SourceIp', '127.0.0.0/33', 'implicit-deny'],
    ['IpAddress', 'acs:SourceIp', '0.0.0.0/0', 'allowed'],
    ['StringEquals', 'kms:tag/none', 'prod', 'implicit-deny'],
    ['StringEquals', 'acs:SourceVpc', 'vpc-1', 'implicit-deny'],
    ['StringNotEquals', 'acs:SourceVpc', 'vpc-1', 'allowed'],
    ['IpAddress', 'acs:VpcSourceIp', '0.0.0.0/0', 'implicit-deny'],
  ])('%s %s %s', (operator, key, value, expected) => {
    expect(when(operator, key, value)).toBe(expected);
  });

  it('one that nobody knows opens nothing, and closes', () => {
    expect(when('DateGreaterThan', 'acs:CurrentTime', '2020-01-01')).toBe('implicit-deny');
    expect(when('DateGreaterThan', 'acs:CurrentTime', '2020-01-01', 'Deny')).toBe('explicit-deny');
  });

  it('one that is called __proto__ is not lost: no policy has it', () => {
    for (const condition of ['{"__proto__":{"acs:SourceIp":["10.0.0.0/8"]}}', '{"IpAddress":{"__proto__":["x"]}}']) {
      const Condition = JSON.parse(condition) as object;
      const statement = { ...ram('Allow', '*').Statement[0], Condition };
      expect(IdentityPolicy.safeParse({ Version: '1', Statement: [statement] }).success, condition).toBe(false);
      const ofSecret = { ...onSecret('Allow', bob).Statement[0], Condition };
      expect(SecretPolicy.safeParse({ Version: '1', Statement: [ofSecret] }).success, condition).toBe(false);
    }
  });

  it('of a VPC are known: a Deny for one is not for who comes from none', () => {
    expect(when('StringEquals', 'acs:SourceVpc', 'vpc-1', 'Deny')).toBe('allowed');
    expect(when('IpAddress', 'acs:VpcSourceIp', '0.0.0.0/0', 'Deny')).toBe('allowed');
    expect(when('StringNotEquals', 'acs:SourceVpc', 'vpc-1', 'Deny')).toBe('explicit-deny');
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
    'kms:*Secret': ['kms:DescribeSecret', 'kms:RotateSecret'],
    'kms:Get': [],
    'KMS:rotatesecret': ['kms:RotateSecret'],
    'kms:?etSecretValue': [], // but where a question mark stands for a letter
    'ecs:*': [],
  };
  const means = (pattern: string, action: string, questionMarkMatches: boolean): boolean =>
    (questionMarkMatches && pattern.includes('?') ? meaning['kms:Get*'] : meaning[pattern])?.includes(action) ?? false;
  const resources: Readonly<Record<string, boolean>> = {
    '*': true,
    [secretArn]: true,
    'acs:kms:*:*:secret/acs/ecs/*': true,
    'acs:kms:cn-hangzhou:*:secret/acs/*/web-01': true,
    '*:secret/acs/ecs/web-*1*1': false,
    'acs:kms:cn-beijing:*:secret/*': false,
    'acs:kms:*:*:key/*': false,
  };
  /** Operator, key, values, and whether that holds for the facts of `ask`; undefined: nobody can tell. */
  const conditions = [
    ['IpAddress', 'acs:SourceIp', ['127.0.0.0/8'], true],
    ['IpAddress', 'acs:SourceIp', ['10.0.0.0/8', '127.0.0.1'], true],
    ['IpAddress', 'acs:SourceIp', ['10.0.0.0/8'], false],
    ['NotIpAddress', 'acs:SourceIp', ['10.0.0.0/8', '127.0.0.1'], false],
    ['StringEquals', 'kms:tag/env', ['test', 'prod'], true],
    ['StringNotEquals', 'kms:tag/env', ['prod'], false],
    ['StringLike', 'kms:tag/env', ['t*', 'pr*'], true],
    ['DateGreaterThan', 'acs:CurrentTime', ['2020-01-01'], undefined],
  ] as const;
  const names = {
    bob: bob,
    eve: eve,
    zoe: 'acs:ram::3000000000000003:user/zoe',
    ownAccount: `acs:ram::${own}:*`,
    otherAccount: `acs:ram::${other}:root`,
  } as const;
  type Name = keyof typeof names;
  const askers = { bob: user, eve: stranger, owner: { accountId: own, kind: 'root', name: '' } } as const;
  type Asker = keyof typeof askers;
  const named = (name: Name, asker: Asker, permits: boolean, what: 'Allow' | 'Deny'): boolean => {
    if (name === 'ownAccount') return asker !== 'eve' && (permits || what === 'Deny');
    if (name === 'otherAccount') return asker === 'eve';
    return name === asker;
  };

  const some = <T>(...values: T[]) => fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });
  const statement = fc.record({
    effect: fc.constantFrom('Allow' as const, 'Deny' as const),
    patterns: some(...Object.keys(meaning)),
    resources: some(...Object.keys(resources)),
    conditions: fc.uniqueArray(fc.constantFrom(...conditions), { maxLength: 2, selector: ([operator]) => operator }),
    names: some(...(Object.keys(names) as Name[])),
  });
  type Statement = typeof statement extends fc.Arbitrary<infer S> ? S : never;
  /** Of conditions that nobody can judge: `closed` stops an Allow and no Deny. */
  const counts = ({ effect, conditions: all }: Statement, unknown: 'closed' | 'met' | 'unmet'): boolean => {
    const unjudged = unknown === 'met' || (unknown === 'closed' && effect === 'Deny');
    return !all.some(([, , , holds]) => holds === false || (holds === undefined && !unjudged));
  };
  const isOfKms = (pattern: string): boolean => /^kms:/i.test(pattern);
  /** The same statement, as policies have it. */
  const written = ({ effect, conditions: all }: Statement) => ({
    Effect: effect,
    ...(all.length > 0 && {
      Condition: Object.fromEntries(all.map(([operator, key, values]) => [operator, { [key]: values }])),
    }),
  });

  it('of RAM users, of secrets, of one account and of two', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(statement, { minLength: 1, maxLength: 3 }), { maxLength: 3 }),
        fc.array(statement, { maxLength: 4 }),
        fc.constantFrom(...actions),
        fc.constantFrom(...(Object.keys(askers) as Asker[])),
        fc.record({
          permits: fc.boolean(),
          unknownCondition: fc.constantFrom('closed' as const, 'met' as const, 'unmet' as const),
          questionMarkMatches: fc.boolean(),
        }),
        (policiesOfUser, ofSecret, action, asker, { permits, unknownCondition, questionMarkMatches }) => {
          const onTheSecret = ofSecret.filter(({ patterns }) => patterns.every(isOfKms));
          const speaks = (one: Statement): boolean =>
            one.patterns.some((pattern) => means(pattern, action, questionMarkMatches)) &&
            counts(one, unknownCondition);
          const byUser = policiesOfUser
            .flat()
            .filter((one) => speaks(one) && one.resources.some((resource) => resources[resource]));
          const bySecret = onTheSecret.filter(
            (one) => speaks(one) && one.names.some((name) => named(name, asker, permits, one.effect)),
          );
          const say = (statements: Statement[], what: 'Allow' | 'Deny') =>
            statements.some(({ effect }) => effect === what);
          const denied = say(byUser, 'Deny') || say(bySecret, 'Deny');
          const [userMay, secretLets] = [asker === 'owner' || say(byUser, 'Allow'), say(bySecret, 'Allow')];
          const allowed = asker === 'eve' ? userMay && secretLets : userMay || secretLets;

          const identityPolicies = policiesOfUser.map((statements) =>
            IdentityPolicy.parse({
              Version: '1',
              Statement: statements.map((one) => ({ ...written(one), Action: one.patterns, Resource: one.resources })),
            }),
          );
          const statements = onTheSecret.map((one) => ({
            ...written(one),
            Principal: { RAM: one.names.map((name) => names[name]) },
            Action: one.patterns.map((pattern) => pattern.replace('KMS:', 'kms:')),
            Resource: ['*'],
          }));
          const decision = ask({
            action,
            principal: askers[asker],
            identityPolicies,
            accountPrincipalPermits: permits,
            unknownCondition,
            questionMarkMatches,
            ...(statements.length > 0 && {
              secretPolicy: SecretPolicy.parse({ Version: '1', Statement: statements }),
            }),
          });
          expect(decision).toBe(denied ? 'explicit-deny' : allowed ? 'allowed' : 'implicit-deny');
        },
      ),
      { numRuns: 4_000 },
    );
  });
});
