import { z } from 'zod';
import {
  GetRotationV1,
  GetSecretPolicyV1,
  ListKmsInstancesV1,
  ListKmsKeysV1,
  ListKmsRegionsV1,
  SetSecretPolicyV1,
  SetSecretTagsV1,
  UpdateSecretV1,
} from '../bus/secret-administration.v1.js';
import { answeredBy, defineRoute } from './define-route.js';
import { wholeNumber } from './query.js';
import { oneSecret, secretPath } from './secrets.js';

export const UpdateSecretRoute = defineRoute({
  ...answeredBy(UpdateSecretV1),
  ...oneSecret,
  method: 'PATCH',
  path: secretPath,
  summary: 'Change the description or the custom data of a secret; what is not given stays.',
  body: UpdateSecretV1.request.pick({ description: true, customData: true }),
  status: 200,
});

export const SetSecretTagsRoute = defineRoute({
  ...answeredBy(SetSecretTagsV1),
  ...oneSecret,
  method: 'PUT',
  path: `${secretPath}/tags`,
  summary: 'Replace the tags of a secret: up to 20, keys not starting with aliyun or acs:.',
  body: SetSecretTagsV1.request.pick({ tags: true }),
  status: 200,
});

export const GetRotationRoute = defineRoute({
  ...answeredBy(GetRotationV1),
  method: 'GET',
  path: `${secretPath}/rotations/{versionId}`,
  summary: 'How far a rotation got: rotating, done or failed. Ask again until it has ended.',
  params: oneSecret.params.extend({ versionId: z.string().min(1).max(64).describe('What the rotate call answered.') }),
  query: oneSecret.query,
  status: 200,
});

export const GetSecretPolicyRoute = defineRoute({
  ...answeredBy(GetSecretPolicyV1),
  ...oneSecret,
  method: 'GET',
  path: `${secretPath}/policy`,
  summary: 'The policy of a secret as JSON text, and who may do what where it is of the usual form.',
  status: 200,
});

export const SetSecretPolicyRoute = defineRoute({
  ...answeredBy(SetSecretPolicyV1),
  ...oneSecret,
  method: 'PUT',
  path: `${secretPath}/policy`,
  summary: 'Set the policy of a secret, as JSON text or built from administrators, users and cross-account users.',
  body: SetSecretPolicyV1.request.pick({ policy: true, access: true }),
  status: 200,
});

export const ListKmsInstancesRoute = defineRoute({
  ...answeredBy(ListKmsInstancesV1),
  method: 'GET',
  path: '/v1/kms/instances',
  summary: 'KMS instances of a region.',
  query: oneSecret.query,
  status: 200,
});

export const ListKmsKeysRoute = defineRoute({
  ...answeredBy(ListKmsKeysV1),
  method: 'GET',
  path: '/v1/kms/keys',
  summary: 'Keys of KMS, and which of them can encrypt secrets.',
  query: ListKmsKeysV1.request.omit({ actor: true }).extend({
    ...oneSecret.query.shape,
    limit: wholeNumber(1, 100).default(50).describe('The size of a page, 50 unless told.'),
  }),
  status: 200,
});

export const ListKmsRegionsRoute = defineRoute({
  ...answeredBy(ListKmsRegionsV1),
  method: 'GET',
  path: '/v1/kms/regions',
  summary: 'Regions that have KMS.',
  status: 200,
});
