import { z } from 'zod';
import {
  AddPublicKeyV1,
  CreateUserV1,
  DeleteUserV1,
  ListPublicKeysV1,
  ListUsersV1,
  RemovePublicKeyV1,
  UpdateUserV1,
} from '../bus/users.v1.js';
import { PublicKeyId, UserId } from '../ids.js';
import { answeredBy, defineRoute } from './define-route.js';
import { PageQuery } from './query.js';

const UserParams = z.strictObject({ userId: UserId });
/** What makes a password good enough is asset's to say. */
const password = z.string().min(1).max(1_024).optional();

export const ListUsersRoute = defineRoute({
  ...answeredBy(ListUsersV1),
  method: 'GET',
  path: '/v1/users',
  summary: 'All users.',
  query: PageQuery,
  status: 200,
});

export const CreateUserRoute = defineRoute({
  ...answeredBy(CreateUserV1),
  method: 'POST',
  path: '/v1/users',
  summary: 'Make a user, with a password, public keys, or both.',
  body: CreateUserV1.request.omit({ actor: true }).extend({ password }),
  status: 201,
});

export const UpdateUserRoute = defineRoute({
  ...answeredBy(UpdateUserV1),
  method: 'PATCH',
  path: '/v1/users/{userId}',
  summary:
    'Change roles, password, status, or the rules for logons of a user; what is left out stays, null takes a rule away.',
  params: UserParams,
  body: UpdateUserV1.request.omit({ actor: true, userId: true }).extend({ password }),
  status: 200,
});

export const DeleteUserRoute = defineRoute({
  ...answeredBy(DeleteUserV1),
  method: 'DELETE',
  path: '/v1/users/{userId}',
  summary: 'Remove a user with all authorizations.',
  params: UserParams,
  status: 204,
});

export const ListPublicKeysRoute = defineRoute({
  ...answeredBy(ListPublicKeysV1),
  method: 'GET',
  path: '/v1/users/{userId}/public-keys',
  summary: 'SSH public keys of a user.',
  params: UserParams,
  status: 200,
});

export const AddPublicKeyRoute = defineRoute({
  ...answeredBy(AddPublicKeyV1),
  method: 'POST',
  path: '/v1/users/{userId}/public-keys',
  summary: 'Let a user sign with one more key.',
  params: UserParams,
  body: AddPublicKeyV1.request.pick({ publicKey: true }),
  status: 201,
});

export const RemovePublicKeyRoute = defineRoute({
  ...answeredBy(RemovePublicKeyV1),
  method: 'DELETE',
  path: '/v1/users/{userId}/public-keys/{publicKeyId}',
  summary: 'Take a key away from a user.',
  params: UserParams.extend({ publicKeyId: PublicKeyId }),
  status: 204,
});
