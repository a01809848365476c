import type { IdentityPolicy } from './policy.js';

const allow = (...actions: string[]): IdentityPolicy => ({
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: actions, Resource: ['*'] }],
});

/** What `AliyunKMSSecretAdminAccess` holds beyond "manages secrets" is not documented, so the rules can change this. */
export const secretAdminActions: readonly string[] = [
  ...['kms:CreateSecret', 'kms:PutSecretValue', 'kms:UpdateSecret', 'kms:UpdateSecretVersionStage'],
  ...['kms:UpdateSecretRotationPolicy', 'kms:RotateSecret', 'kms:DeleteSecret', 'kms:RestoreSecret'],
  ...['kms:DescribeSecret', 'kms:ListSecrets', 'kms:ListSecretVersionIds', 'kms:GetSecretValue'],
  ...['kms:SetSecretPolicy', 'kms:GetSecretPolicy', 'kms:GetRandomPassword', 'kms:ListKmsInstances'],
  ...['kms:TagResource', 'kms:UntagResource', 'kms:TagResources', 'kms:UntagResources', 'kms:ListTagResources'],
  ...['kms:DescribeKey', 'kms:ListKeys', 'kms:Decrypt', 'kms:GenerateDataKey'],
];

/** The other system policies that matter here. `AliyunKMSSecretUserAccess` is documented, and has no ListSecrets. */
const documented: Readonly<Record<string, IdentityPolicy>> = {
  AdministratorAccess: allow('*'),
  AliyunKMSFullAccess: allow('kms:*'),
  AliyunKMSSecretUserAccess: allow('kms:GetSecretValue', 'kms:DescribeSecret', 'kms:ListSecretVersionIds'),
  AliyunECSReadOnlyAccess: allow('ecs:Describe*'),
  AliyunSTSAssumeRoleAccess: allow('sts:AssumeRole'),
};

/** @param ofSecretAdmin the actions of AliyunKMSSecretAdminAccess */
export function systemPolicy(name: string, ofSecretAdmin: readonly string[]): IdentityPolicy | undefined {
  return name === 'AliyunKMSSecretAdminAccess' ? allow(...ofSecretAdmin) : documented[name];
}

export function isSystemPolicy(name: string): boolean {
  return name === 'AliyunKMSSecretAdminAccess' || Object.hasOwn(documented, name);
}
