import { z } from 'zod';
import {
  CreateAuthorizationV1,
  DeleteAuthorizationV1,
  ListAuthorizationsV1,
  UpdateAuthorizationV1,
} from '../bus/authorizations.v1.js';
import { AuthorizationId } from '../ids.js';
import { answeredBy, defineRoute } from './define-route.js';
import { Limit } from './query.js';

const one = {
  params: z.strictObject({ authorizationId: AuthorizationId }),
  path: '/v1/authorizations/{authorizationId}',
} as const;

export const ListAuthorizationsRoute = defineRoute({
  ...answeredBy(ListAuthorizationsV1),
  method: 'GET',
  path: '/v1/authorizations',
  summary:
    'Who may use which accounts, as a whole or for one user, host or group; of a user and a host with what their groups give.',
  query: ListAuthorizationsV1.request.omit({ actor: true }).extend({ limit: Limit }),
  status: 200,
});

export const CreateAuthorizationRoute = defineRoute({
  ...answeredBy(CreateAuthorizationV1),
  method: 'POST',
  path: '/v1/authorizations',
  summary:
    'Permit a user, or all in a group, the accounts of a host, or of all hosts in a group; without accountIds all of them, those of tomorrow included.',
  body: CreateAuthorizationV1.request.omit({ actor: true }),
  status: 201,
});

export const UpdateAuthorizationRoute = defineRoute({
  ...answeredBy(UpdateAuthorizationV1),
  ...one,
  method: 'PATCH',
  summary:
    'Change policy, limits or time of a permission; what is left out stays, each switch for itself, and null takes a limit away.',
  body: UpdateAuthorizationV1.request.omit({ actor: true, authorizationId: true }),
  status: 200,
});

export const DeleteAuthorizationRoute = defineRoute({
  ...answeredBy(DeleteAuthorizationV1),
  ...one,
  method: 'DELETE',
  summary: 'Take a permission back.',
  status: 204,
});
