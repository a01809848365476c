import { ApiError } from '../gateway/api-error.js';
import type { Situation } from '../gateway/situation.js';
import type { Call, Operation } from '../gateway/operation.js';
import type { StateStore } from '../state/state-store.js';
import { decide } from './evaluate.js';
import type { Decision } from './evaluate.js';
import { SecretPolicy, defaultSecretPolicy } from './policy.js';
import type { IdentityPolicy } from './policy.js';
import type { Principal } from './principal.js';
import { principalArn } from './principal.js';
import type { Required } from './required-permissions.js';
import { requiredByEcs, requiredByKms, requiredBySts } from './required-permissions.js';
import { systemPolicies } from './system-policies.js';

/** Refusals of operations whose pages give them another status, or none. */
const situations: Readonly<Record<string, Situation>> = {
  GetSecretPolicy: 'secret-policy-denied',
  SetSecretPolicy: 'secret-policy-denied',
  AssumeRole: 'assume-role-denied',
};

const codeOfDenial = { kms: 'Forbidden.NoPermission', ecs: 'Forbidden.RAM', sts: 'NoPermission' } as const;

/** Says whether a caller may do what they ask for (reference section 9, point 9). */
export class Permission {
  constructor(private readonly store: StateStore) {}

  /** @throws ApiError `Forbidden.NoPermission` of KMS, `Forbidden.RAM` of ECS, `NoPermission` of STS */
  check(call: Call, { product, action }: Operation, sourceIp: string): void {
    const refused = this.#firstRefused(call, required(product, action, call), sourceIp);
    if (!refused) return;
    const situation = refused.serviceName === undefined ? situations[action] : 'no-service-linked-role';
    throw new ApiError(codeOfDenial[product], 'This operation is forbidden by permission system.', {
      detail: accessDenied(call.caller.principal, refused),
      ...(situation && { situation }),
    });
  }

  #firstRefused(call: Call, required: Required[], sourceIp: string): Refused | undefined {
    for (const need of required) {
      const decision = this.#decide(call, need, sourceIp);
      if (decision !== 'allowed') return { ...need, decision };
    }
    return undefined;
  }

  #decide({ caller, rules }: Call, need: Required, sourceIp: string): Decision {
    const { principal, sessionPolicy } = caller;
    const { action, resource, secret, serviceName } = need;
    const owner = /^acs:kms:[^:]*:(\d+):/.exec(resource)?.[1] ?? principal.accountId;
    const question = {
      action,
      resource,
      owner,
      principal,
      identityPolicies: attachedTo(principal, this.store.current.ram),
      accountPrincipalPermits: rules.accountPrincipalPermits,
      unknownCondition: rules.unknownCondition,
      questionMarkMatches: rules.questionMarkMatches,
      facts: { sourceIp, tags: new Map(secret?.tags.map(({ key, value }) => [key, value])), serviceName },
    };
    const secretPolicy = secret && {
      secretPolicy: secret.policy === '' ? defaultSecretPolicy(owner) : SecretPolicy.parse(JSON.parse(secret.policy)),
    };
    if (need.keyOfSecret && owner !== principal.accountId && rules.keyOfOtherAccount !== 'identity')
      return rules.keyOfOtherAccount === 'open' ? 'allowed' : 'implicit-deny';
    // A key has no policy here: RAM policies of the caller's own account decide.
    const whose = need.keyOfSecret ? { owner: principal.accountId } : {};
    const decision = decide({ ...question, ...secretPolicy, ...whose });
    if (decision !== 'allowed' || !sessionPolicy) return decision;
    return decide({ ...question, owner: principal.accountId, identityPolicies: [sessionPolicy] });
  }
}

function required(product: Operation['product'], action: string, { parameters, account, rules }: Call): Required[] {
  switch (product) {
    case 'kms':
      return requiredByKms(action, parameters, account.current, rules);
    case 'ecs':
      return requiredByEcs(action);
    case 'sts':
      return requiredBySts(action, parameters);
  }
}

type Refused = Required & { readonly decision: Exclude<Decision, 'allowed'> };

function attachedTo({ kind, accountId, name }: Principal, ram: StateStore['current']['ram']): IdentityPolicy[] {
  const holders = kind === 'user' ? ram.users : kind === 'role' ? ram.roles : [];
  const names = holders.find((one) => one.accountId === accountId && one.name === name)?.policies ?? [];
  return names.map((policy) => ram.policies[policy] ?? systemPolicies[policy]).filter((policy) => policy !== undefined);
}

/** `AccessDeniedDetail` of the answer, without what the reference does not name. */
function accessDenied(principal: Principal, { action, decision }: Refused): Readonly<Record<string, string>> {
  const types = { root: 'RootUser', user: 'SubUser', role: 'AssumedRoleUser' } as const;
  return {
    AuthAction: action,
    AuthPrincipalType: types[principal.kind],
    AuthPrincipalOwnerId: principal.accountId,
    AuthPrincipalDisplayName: principalArn(principal),
    NoPermissionType: decision === 'explicit-deny' ? 'ExplicitDeny' : 'ImplicitDeny',
  };
}
