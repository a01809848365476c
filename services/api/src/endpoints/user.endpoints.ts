import {
  AddPublicKeyRoute,
  AddPublicKeyV1,
  CreateUserRoute,
  CreateUserV1,
  DeleteUserRoute,
  DeleteUserV1,
  ListPublicKeysRoute,
  ListPublicKeysV1,
  ListUsersRoute,
  ListUsersV1,
  RemovePublicKeyRoute,
  RemovePublicKeyV1,
  UpdateUserRoute,
  UpdateUserV1,
} from '@sallyport/contracts';
import type { Bus } from '@sallyport/messaging';
import { endpoint, forward, type Endpoint } from './endpoint.js';
import type { Sealers } from './sealers.js';

export function userEndpoints(bus: Bus, sealers: Sealers): Endpoint[] {
  const sealed = async (password: string | undefined, associatedData: string) =>
    password === undefined ? {} : { password: await sealers.toAsset(password, associatedData) };
  return [
    forward(bus, ListUsersRoute, ListUsersV1),
    endpoint(CreateUserRoute, async ({ body: { password, ...user } }, { identity }) =>
      bus.request(CreateUserV1, { actor: identity, ...user, ...(await sealed(password, user.username)) }),
    ),
    endpoint(UpdateUserRoute, async ({ params: { userId }, body: { password, ...changes } }, { identity }) =>
      bus.request(UpdateUserV1, { actor: identity, userId, ...changes, ...(await sealed(password, userId)) }),
    ),
    forward(bus, DeleteUserRoute, DeleteUserV1),
    forward(bus, ListPublicKeysRoute, ListPublicKeysV1),
    forward(bus, AddPublicKeyRoute, AddPublicKeyV1),
    forward(bus, RemovePublicKeyRoute, RemovePublicKeyV1),
  ];
}
