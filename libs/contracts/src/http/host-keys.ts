import {
  ApproveHostKeysV1,
  ListHostKeyCandidatesV1,
  ListHostKeysV1,
  ReplaceHostKeysV1,
  ReplaceManyHostKeysV1,
} from '../bus/host-keys.v1.js';
import { HostId } from '../ids.js';
import { answeredBy, defineRoute } from './define-route.js';
import { HostParams } from './hosts.js';
import { PageQuery } from './query.js';

const keys = { params: HostParams, path: '/v1/hosts/{hostId}/host-keys' } as const;

export const ListHostKeysRoute = defineRoute({
  ...answeredBy(ListHostKeysV1),
  ...keys,
  method: 'GET',
  summary: 'The SSH host keys that are pinned for a host.',
  status: 200,
});

export const ReplaceHostKeysRoute = defineRoute({
  ...answeredBy(ReplaceHostKeysV1),
  ...keys,
  method: 'PUT',
  summary: 'Replace all pinned keys of a host.',
  body: ReplaceHostKeysV1.request.omit({ actor: true, hostId: true }),
  status: 200,
});

export const ClearHostKeysRoute = defineRoute({
  ...answeredBy(ReplaceHostKeysV1),
  ...keys,
  method: 'DELETE',
  summary: 'Forget all pinned keys of a host: the next logon starts anew, as its host key mode says.',
  status: 204,
});

export const ReplaceManyHostKeysRoute = defineRoute({
  ...answeredBy(ReplaceManyHostKeysV1),
  method: 'POST',
  path: '/v1/hosts/host-keys/replace',
  summary: 'Replace all pinned keys of many hosts; answers for each. Also to put keys before the first logon.',
  body: ReplaceManyHostKeysV1.request.omit({ actor: true }),
  status: 200,
});

export const ListHostKeyCandidatesRoute = defineRoute({
  ...answeredBy(ListHostKeyCandidatesV1),
  method: 'GET',
  path: '/v1/host-key-candidates',
  summary: 'Keys that hosts showed and that await approval.',
  query: PageQuery.extend({ hostId: HostId.optional() }),
  status: 200,
});

export const ApproveHostKeysRoute = defineRoute({
  ...answeredBy(ApproveHostKeysV1),
  params: HostParams,
  method: 'POST',
  path: '/v1/hosts/{hostId}/host-keys/approve',
  summary: 'Pin keys that the host showed. Compare the fingerprints with what the host itself says first.',
  body: ApproveHostKeysV1.request.omit({ actor: true, hostId: true }),
  status: 200,
});
