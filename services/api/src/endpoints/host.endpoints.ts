import {
  DeleteAccountRoute,
  DeleteAccountV1,
  DeleteHostRoute,
  DeleteHostV1,
  GetHostRoute,
  GetHostV1,
  ImportHostsRoute,
  ImportHostsV1,
  ImportSecretsRoute,
  ImportSecretsV1,
  ListAccountsRoute,
  ListAccountsV1,
  ListHostsRoute,
  ListHostsV1,
  ListImportableSecretsRoute,
  ListImportableSecretsV1,
  ListInstancesRoute,
  ListInstancesV1,
  UpdateHostRoute,
  UpdateHostV1,
} from '@sallyport/contracts';
import type { Bus } from '@sallyport/messaging';
import { forward, type Endpoint } from './endpoint.js';

export function hostEndpoints(bus: Bus): Endpoint[] {
  return [
    forward(bus, ListInstancesRoute, ListInstancesV1),
    forward(bus, ImportHostsRoute, ImportHostsV1),
    forward(bus, ListHostsRoute, ListHostsV1),
    forward(bus, GetHostRoute, GetHostV1),
    forward(bus, UpdateHostRoute, UpdateHostV1),
    forward(bus, DeleteHostRoute, DeleteHostV1),
    forward(bus, ListImportableSecretsRoute, ListImportableSecretsV1),
    forward(bus, ImportSecretsRoute, ImportSecretsV1),
    forward(bus, ListAccountsRoute, ListAccountsV1),
    forward(bus, DeleteAccountRoute, DeleteAccountV1),
  ];
}
