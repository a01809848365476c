import {
  ApproveHostKeysRoute,
  ApproveHostKeysV1,
  ClearHostKeysRoute,
  ListHostKeyCandidatesRoute,
  ListHostKeyCandidatesV1,
  ListHostKeysRoute,
  ListHostKeysV1,
  ReplaceHostKeysRoute,
  ReplaceHostKeysV1,
  ReplaceManyHostKeysRoute,
  ReplaceManyHostKeysV1,
} from '@sallyport/contracts';
import type { Bus } from '@sallyport/messaging';
import { endpoint, forward, type Endpoint } from './endpoint.js';

export function hostKeyEndpoints(bus: Bus): Endpoint[] {
  return [
    forward(bus, ListHostKeysRoute, ListHostKeysV1),
    forward(bus, ReplaceHostKeysRoute, ReplaceHostKeysV1),
    endpoint(ClearHostKeysRoute, ({ params: { hostId } }, { identity }) =>
      bus.request(ReplaceHostKeysV1, { actor: identity, hostId, publicKeys: [] }),
    ),
    forward(bus, ReplaceManyHostKeysRoute, ReplaceManyHostKeysV1),
    forward(bus, ListHostKeyCandidatesRoute, ListHostKeyCandidatesV1),
    forward(bus, ApproveHostKeysRoute, ApproveHostKeysV1),
  ];
}
