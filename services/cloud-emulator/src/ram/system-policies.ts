import type { IdentityPolicy } from './policy.js';

const allow = (...actions: string[]): IdentityPolicy => ({
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: actions, Resource: ['*'] }],
});

/**
 * The system policies that matter here. `AliyunKMSSecretUserAccess` is documented (and has no ListSecrets); what
 * `AliyunKMSSecretAdminAccess` holds beyond "manages secrets" is not, so this list of it is unverified.
 */
export const systemPolicies: Readonly<Record<string, IdentityPolicy>> = {
  AdministratorAccess: allow('*'),
  AliyunKMSFullAccess: allow('kms:*'),
  AliyunKMSSecretUserAccess: allow('kms:GetSecretValue', 'kms:DescribeSecret', 'kms:ListSecretVersionIds'),
  AliyunKMSSecretAdminAccess: allow(
    ...['kms:CreateSecret', 'kms:PutSecretValue', 'kms:UpdateSecret', 'kms:UpdateSecretVersionStage'],
    ...['kms:UpdateSecretRotationPolicy', 'kms:RotateSecret', 'kms:DeleteSecret', 'kms:RestoreSecret'],
    ...['kms:DescribeSecret', 'kms:ListSecrets', 'kms:ListSecretVersionIds', 'kms:GetSecretValue'],
    ...['kms:SetSecretPolicy', 'kms:GetSecretPolicy', 'kms:GetRandomPassword', 'kms:ListKmsInstances'],
    ...['kms:TagResource', 'kms:UntagResource', 'kms:TagResources', 'kms:UntagResources', 'kms:ListTagResources'],
    ...['kms:DescribeKey', 'kms:ListKeys', 'kms:Decrypt', 'kms:GenerateDataKey'],
  ),
  AliyunECSReadOnlyAccess: allow('ecs:Describe*'),
  AliyunSTSAssumeRoleAccess: allow('sts:AssumeRole'),
};
