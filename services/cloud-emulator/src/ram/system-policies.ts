import type { IdentityPolicy } from './policy.js';

const allow = (...actions: string[]): IdentityPolicy => ({
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: actions, Resource: ['*'] }],
});

/**
 * The system policies that matter here, as RAM's "Developer Reference" prints them, without what is of other products.
 * `AliyunKMSSecretUserAccess` has no ListSecrets, and no policy for secrets has the keys that they are encrypted with.
 */
export const systemPolicies: Readonly<Record<string, IdentityPolicy>> = {
  AdministratorAccess: allow('*'),
  AliyunKMSFullAccess: allow('kms:*'),
  AliyunKMSSecretUserAccess: allow('kms:GetSecretValue', 'kms:DescribeSecret', 'kms:ListSecretVersionIds'),
  AliyunKMSSecretAdminAccess: {
    Version: '1',
    Statement: [
      { Effect: 'Allow', Action: ['kms:*'], Resource: ['acs:kms:*:*:secret*'] },
      { Effect: 'Allow', Action: ['kms:GetRandomPassword', 'ecs:DescribeInstances'], Resource: ['*'] },
      {
        Effect: 'Allow',
        Action: ['ram:CreateServiceLinkedRole'],
        Resource: ['*'],
        Condition: { StringEquals: { 'ram:ServiceName': ['secretsmanager-ecs.kms.aliyuncs.com'] } },
      },
    ],
  },
  AliyunKMSCryptoUserAccess: allow('kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey'),
  AliyunECSReadOnlyAccess: allow('ecs:Describe*'),
  AliyunSTSAssumeRoleAccess: allow('sts:AssumeRole'),
};
