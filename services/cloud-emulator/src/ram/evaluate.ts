import { BlockList, isIP } from 'node:net';
import { matchesWildcard } from '../wildcard.js';
import { principalArn } from './principal.js';
import type { Principal } from './principal.js';
import type { IdentityPolicy, SecretPolicy } from './policy.js';

/** What conditions are about. */
export interface Facts {
  readonly sourceIp: string;
  /** Of the secret. */
  readonly tags: ReadonlyMap<string, string>;
  /** Whose role is to be made. */
  readonly serviceName?: string | undefined;
}

/** May this principal do this to this resource? */
export interface Question {
  /** E.g. `kms:GetSecretValue`. */
  readonly action: string;
  /** ARN. */
  readonly resource: string;
  /** The account that owns the resource. */
  readonly owner: string;
  readonly principal: Principal;
  /** Policies attached to the principal. */
  readonly identityPolicies: readonly IdentityPolicy[];
  /** Of the secret, when the resource is one. */
  readonly secretPolicy?: SecretPolicy;
  /**
   * Whether a principal `acs:ram::<account>:*` or `:root` of the owner's own account permits by itself, or leaves it to the
   * RAM policies of the account. The pages do not say.
   */
  readonly accountPrincipalPermits: boolean;
  /** A condition of another operator or key: closes unless told, so that an Allow is worthless and a Deny holds. */
  readonly unknownCondition?: 'closed' | 'met' | 'unmet';
  /** Whether `?` stands for one character; not unless told. */
  readonly questionMarkMatches?: boolean;
  readonly facts: Facts;
}

export type Decision = 'allowed' | 'explicit-deny' | 'implicit-deny';

/**
 * Reference section 4: an explicit Deny in either policy wins; in the same account one of the two has to allow, from another
 * account both have to. The account itself may do everything with what is its own, unless it is denied.
 */
export function decide(question: Question): Decision {
  const { principal, owner } = question;
  const byIdentity = identityEffects(question);
  const bySecret = secretEffects(question);
  if (byIdentity.has('Deny') || bySecret.has('Deny')) return 'explicit-deny';
  const identityAllows = principal.kind === 'root' || byIdentity.has('Allow');
  const allowed =
    principal.accountId === owner ? identityAllows || bySecret.has('Allow') : identityAllows && bySecret.has('Allow');
  return allowed ? 'allowed' : 'implicit-deny';
}

type Effects = ReadonlySet<'Allow' | 'Deny'>;

function identityEffects(question: Question): Effects {
  const { identityPolicies, action, resource, questionMarkMatches } = question;
  const statements = identityPolicies.flatMap(({ Statement }) => Statement);
  const matching = statements.filter(
    (statement) =>
      statement.Action.some((pattern) => matchesAction(action, pattern, questionMarkMatches)) &&
      statement.Resource.some((pattern) => matchesWildcard(resource, pattern, questionMarkMatches)) &&
      holds(statement, question),
  );
  return new Set(matching.map(({ Effect }) => Effect));
}

function secretEffects(question: Question): Effects {
  const { secretPolicy, action, principal, owner, accountPrincipalPermits, questionMarkMatches } = question;
  const statements = secretPolicy?.Statement ?? [];
  const matching = statements.filter(
    (statement) =>
      statement.Principal.RAM.some((named) => {
        const wholeAccount = /:(\*|root)$/.test(named);
        const delegates = wholeAccount && principal.accountId === owner && !accountPrincipalPermits;
        if (statement.Effect === 'Allow' && delegates) return false;
        return wholeAccount
          ? named.startsWith(`acs:ram::${principal.accountId}:`)
          : matchesWildcard(principalArn(principal), named, questionMarkMatches);
      }) &&
      statement.Action.some((pattern) => matchesAction(action, pattern, questionMarkMatches)) &&
      holds(statement, question),
  );
  return new Set(matching.map(({ Effect }) => Effect));
}

/** Names of actions do not depend on case. */
function matchesAction(action: string, pattern: string, questionMark?: boolean): boolean {
  return matchesWildcard(action.toLowerCase(), pattern.toLowerCase(), questionMark);
}

function holds(
  { Effect, Condition = {} }: Conditional,
  { facts, unknownCondition = 'closed' }: Pick<Question, 'facts' | 'unknownCondition'>,
): boolean {
  const judged = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => judge(operator, key, values, facts)),
  );
  const otherwise = { closed: Effect === 'Deny', met: true, unmet: false }[unknownCondition];
  return judged.every((result) => result ?? otherwise);
}

interface Conditional {
  readonly Effect: 'Allow' | 'Deny';
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> | undefined;
}

/** Undefined where operator or key is not one of ours. */
function judge(operator: string, key: string, values: readonly string[], facts: Facts): boolean | undefined {
  const negated = operator.startsWith('Not') || operator.startsWith('StringNot');
  const found = compare(operator, key, values, facts);
  return found === undefined ? undefined : found !== negated;
}

/** No call comes out of a VPC here, so `acs:SourceVpc` and `acs:VpcSourceIp` have no value. */
function compare(operator: string, key: string, values: readonly string[], facts: Facts): boolean | undefined {
  if (key === 'acs:SourceIp' && (operator === 'IpAddress' || operator === 'NotIpAddress')) {
    return values.some((range) => containsAddress(range, facts.sourceIp));
  }
  if (key === 'acs:VpcSourceIp' && (operator === 'IpAddress' || operator === 'NotIpAddress')) return false;
  const tag = /^kms:tag\/(.+)$/.exec(key)?.[1];
  if (tag === undefined && key !== 'ram:ServiceName' && key !== 'acs:SourceVpc') return undefined;
  const actual = tag !== undefined ? facts.tags.get(tag) : key === 'ram:ServiceName' ? facts.serviceName : undefined;
  if (operator === 'StringEquals' || operator === 'StringNotEquals') return values.some((value) => value === actual);
  if (operator === 'StringLike' || operator === 'StringNotLike') {
    return actual !== undefined && values.some((value) => matchesWildcard(actual, value));
  }
  return undefined;
}

/** An address or a range like `10.0.0.0/8`; what is neither contains nothing. */
function containsAddress(range: string, address: string): boolean {
  const [, network = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(range) ?? [];
  const family = isIP(network);
  if (family === 0 || isIP(address) !== family) return false;
  const most = family === 4 ? 32 : 128;
  const bits = prefix === undefined ? most : Number(prefix);
  if (bits > most) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, family === 4 ? 'ipv4' : 'ipv6');
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
