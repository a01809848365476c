import { SecretAccess } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { z } from 'zod';

/** Longest policy of a secret, in bytes of UTF-8. */
export const POLICY_LIMIT_BYTES = 32_768;

/** What KMS's console permits each role of a custom policy (KMS, "Overview of secret policies"). */
const actions = {
  administrators: [
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
  users: ['kms:List*', 'kms:Describe*', 'kms:GetSecretValue'],
  crossAccountUsers: ['kms:List*', 'kms:Describe*', 'kms:GetSecretValue'],
} as const satisfies Record<keyof SecretAccess, readonly string[]>;
type RoleName = keyof typeof actions;
const roleNames = ['administrators', 'users', 'crossAccountUsers'] as const satisfies readonly RoleName[];

/** By which a policy of ours is known again. Without spaces: samples have them, the grammar of a Sid has not. */
const sids: Readonly<Record<RoleName, string>> = {
  administrators: 'sallyport-administrators',
  users: 'sallyport-users',
  crossAccountUsers: 'sallyport-cross-account-users',
};

const PERSON = /^acs:ram::(?<account>\d{1,32}):(?<person>(?:user|role)\/[^\s/:]{1,128})$/;
const SHORT = /^(?:user|role)\/[^\s/:]{1,128}$/;

const Texts = z.array(z.string().min(1)).min(1);
/** The facts that KMS knows in conditions. */
const ConditionKey = z.string().regex(/^(acs:SourceIp|acs:SourceVpc|acs:VpcSourceIp|kms:tag\/.+)$/);
const Statement = z.strictObject({
  Sid: z
    .string()
    .regex(/^[A-Za-z0-9_/+=.@ -]{0,128}$/, 'at most 128 of letters, digits, spaces and _ / + = . @ -')
    .optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.strictObject({
    RAM: z
      .array(
        z
          .string()
          .regex(
            /^acs:ram::\d{1,32}:(\*|root|(user|role)\/[^\s/:]{1,128})$/,
            'acs:ram::ACCOUNT:* or …:user/NAME or …:role/NAME',
          ),
      )
      .min(1),
  }),
  Action: z.array(z.string().regex(/^kms:[A-Za-z*]+$/, 'starts with kms:')).min(1),
  Resource: z.tuple([z.literal('*')]),
  Condition: z.record(z.string(), z.record(ConditionKey, z.union([z.string(), Texts]))).optional(),
});
/** The grammar of a secret's policy (reference, section 4). */
const Policy = z.strictObject({ Version: z.literal('1'), Statement: z.array(Statement).min(1) });
type Policy = z.infer<typeof Policy>;

/** @throws DomainError `request.invalid`: what is wrong, and where in the policy */
export function checkPolicy(text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > POLICY_LIMIT_BYTES) throw invalid(`at most ${POLICY_LIMIT_BYTES} bytes`);
  const parsed = Policy.safeParse(parseJson(text));
  const twice = repeatedMember(text);
  if (twice !== undefined) throw invalid(`a member stands twice: ${twice.slice(0, 64)}`);
  if (parsed.success) return;
  const [issue] = parsed.error.issues;
  const where = issue?.path.map(String).join('.') ?? '';
  throw invalid(`${where === '' ? '' : `${where}: `}${issue?.message ?? 'not a policy'}`);
}

/**
 * The policy that gives these people what their role needs, and nobody else anything.
 * @param owner account that owns the secret; undefined when it is not known yet, and then each name must be an ARN
 * @throws DomainError `request.invalid` nobody is named, or somebody is not what the role takes
 */
export function policyFor(access: SecretAccess, owner: string | undefined): string {
  const statements = roleNames
    .filter((role) => access[role].length > 0)
    .map((role) => ({
      Sid: sids[role],
      Effect: 'Allow' as const,
      Principal: { RAM: access[role].map((name) => personOf(role, name, owner)) },
      Action: [...actions[role]],
      Resource: ['*'] as ['*'],
    }));
  if (statements.length === 0) throw new DomainError('request.invalid', 'access: it names nobody');
  const policy: Policy = { Version: '1', Statement: statements };
  const text = JSON.stringify(policy);
  checkPolicy(text);
  return text;
}

/** Who may do what by a policy that `policyFor` made; undefined for any other, which says more than that. */
export function accessOf(text: string): SecretAccess | undefined {
  const parsed = Policy.safeParse(parseJsonOrNothing(text));
  if (!parsed.success) return undefined;
  const access = SecretAccess.parse({});
  for (const statement of parsed.data.Statement) {
    // Policies that we made earlier have spaces.
    const role = roleNames.find((name) => sids[name] === statement.Sid?.replaceAll(' ', '-'));
    if (!role || statement.Condition || statement.Effect !== 'Allow') return undefined;
    if (JSON.stringify(statement.Action) !== JSON.stringify(actions[role])) return undefined;
    access[role].push(...statement.Principal.RAM);
  }
  return access;
}

/** The account in an ARN of KMS, `acs:kms:<region>:<account>:…`. */
export function ownerOf(arn: string | undefined): string | undefined {
  return /^acs:kms:[^:]*:(\d{1,32}):/.exec(arn ?? '')?.[1];
}

function personOf(role: RoleName, name: string, owner: string | undefined): string {
  const arn =
    owner !== undefined && SHORT.test(name) && role !== 'crossAccountUsers' ? `acs:ram::${owner}:${name}` : name;
  const account = PERSON.exec(arn)?.groups?.['account'];
  if (account === undefined) {
    const form = role === 'crossAccountUsers' || owner === undefined ? '' : 'user/NAME, role/NAME, or ';
    const why = owner === undefined && SHORT.test(name) ? '; without encryptionKeyId the account is not known' : '';
    throw new DomainError('request.invalid', `access.${role}: ${form}acs:ram::ACCOUNT:user/NAME${why}`);
  }
  const own = owner === undefined || account === owner;
  if (role !== 'crossAccountUsers' && !own)
    throw new DomainError('request.invalid', `access.${role}: only of the account that owns the secret, ${owner}`);
  if (role === 'crossAccountUsers' && account === owner)
    throw new DomainError('request.invalid', `access.${role}: only of other accounts; name it among the users`);
  return arn;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('must be JSON');
  }
}

/**
 * The name of two members of one object: we would judge the last of them, and KMS might take the first (RFC 8259 section 4).
 * @param json well-formed
 */
function repeatedMember(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token, colon] of json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (colon !== undefined) {
      const name = String(JSON.parse(token.slice(0, -colon.length)));
      if (open.at(-1)?.has(name)) return name;
      open.at(-1)?.add(name);
    }
  }
  return undefined;
}

function parseJsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function invalid(rule: string): DomainError {
  return new DomainError('request.invalid', `policy: ${rule}`);
}
