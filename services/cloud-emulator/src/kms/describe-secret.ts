import { z } from 'zod';
import { apiTime } from '../clock.js';
import { defineOperation } from '../gateway/operation.js';
import type { Operation } from '../gateway/operation.js';
import { findSecret, secretArn } from './find-secret.js';
import { Flag, SecretName } from './parameters.js';
import { deletionFact, extendedConfigFact, rotationFacts } from './secret-facts.js';
import { tagList } from './tags.js';

/** DescribeSecret, reference 2.4: everything but the value; in the deletion window too. */
export const describeSecret: Operation = defineOperation({
  product: 'kms',
  action: 'DescribeSecret',
  quota: 'secret-read',
  parameters: z.object({ SecretName, FetchTags: Flag.default(false) }),
  run: (input, { account, rules }) => {
    const secret = findSecret(account.current, input.SecretName);
    return {
      Arn: secretArn(account.current, secret.name),
      SecretName: secret.name,
      SecretType: secret.type,
      EncryptionKeyId: secret.encryptionKeyId,
      DKMSInstanceId: secret.kmsInstanceId ?? '',
      Description: secret.description,
      CreateTime: apiTime(new Date(secret.createdAt)),
      UpdateTime: apiTime(new Date(secret.updatedAt)),
      ...deletionFact(secret),
      ...rotationFacts(secret, rules),
      ...extendedConfigFact(secret, rules),
      ...(input.FetchTags && { Tags: tagList(secret.tags) }),
    };
  },
});
