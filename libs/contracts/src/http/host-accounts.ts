import { DeleteAccountV1, ImportSecretsV1, ListAccountsV1, ListImportableSecretsV1 } from '../bus/hosts.v1.js';
import { AccountId } from '../ids.js';
import { answeredBy, defineRoute } from './define-route.js';
import { HostParams } from './hosts.js';

export const ListImportableSecretsRoute = defineRoute({
  ...answeredBy(ListImportableSecretsV1),
  method: 'GET',
  path: '/v1/hosts/{hostId}/importable-secrets',
  summary: "ECS secrets of the host's instance that are not accounts of it yet.",
  params: HostParams,
  query: ListImportableSecretsV1.request.pick({ keyword: true }),
  status: 200,
});

export const ImportSecretsRoute = defineRoute({
  ...answeredBy(ImportSecretsV1),
  method: 'POST',
  path: '/v1/hosts/{hostId}/import-secrets',
  summary: "Make accounts of the host from secrets of its instance; nothing of a secret's value is copied.",
  params: HostParams,
  body: ImportSecretsV1.request.pick({ secretNames: true }),
  status: 200,
});

export const ListAccountsRoute = defineRoute({
  ...answeredBy(ListAccountsV1),
  method: 'GET',
  path: '/v1/hosts/{hostId}/accounts',
  summary: 'Accounts of a host.',
  params: HostParams,
  status: 200,
});

export const DeleteAccountRoute = defineRoute({
  ...answeredBy(DeleteAccountV1),
  method: 'DELETE',
  path: '/v1/hosts/{hostId}/accounts/{accountId}',
  summary: 'Remove an account from Sallyport; the secret in KMS is left alone.',
  params: HostParams.extend({ accountId: AccountId }),
  status: 204,
});
