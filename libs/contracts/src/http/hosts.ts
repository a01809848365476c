import { z } from 'zod';
import { DeleteHostV1, GetHostV1, ImportHostsV1, ListHostsV1, UpdateHostV1 } from '../bus/hosts.v1.js';
import { HostId } from '../ids.js';
import { answeredBy, defineRoute } from './define-route.js';
import { PageQuery } from './query.js';

export const HostParams = z.strictObject({ hostId: HostId });
const one = { params: HostParams, path: '/v1/hosts/{hostId}' } as const;

export const ImportHostsRoute = defineRoute({
  ...answeredBy(ImportHostsV1),
  method: 'POST',
  path: '/v1/hosts/import',
  summary: 'Make hosts of ECS instances; what is imported already is brought up to date.',
  body: ImportHostsV1.request.omit({ actor: true }),
  status: 200,
});

export const ListHostsRoute = defineRoute({
  ...answeredBy(ListHostsV1),
  method: 'GET',
  path: '/v1/hosts',
  summary: 'All hosts.',
  query: PageQuery,
  status: 200,
});

export const GetHostRoute = defineRoute({
  ...answeredBy(GetHostV1),
  ...one,
  method: 'GET',
  summary: 'One host.',
  status: 200,
});

export const UpdateHostRoute = defineRoute({
  ...answeredBy(UpdateHostV1),
  ...one,
  method: 'PATCH',
  summary: 'Change name, address, port or host key mode of a host; what is left out stays.',
  body: UpdateHostV1.request.omit({ actor: true, hostId: true }),
  status: 200,
});

export const DeleteHostRoute = defineRoute({
  ...answeredBy(DeleteHostV1),
  ...one,
  method: 'DELETE',
  summary: 'Remove a host with its accounts, keys and authorizations; the instance itself is left alone.',
  status: 204,
});
