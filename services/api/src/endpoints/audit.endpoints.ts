import {
  ExportEventsRoute,
  ExportEventsV1,
  ListEventsRoute,
  ListEventsV1,
  ProveConsistencyRoute,
  ProveConsistencyV1,
  ProveEventRoute,
  ProveEventV1,
  ShowCheckpointRoute,
  ShowCheckpointV1,
} from '@sallyport/contracts';
import type { Bus } from '@sallyport/messaging';
import { forward, streamEndpoint, type Endpoint } from './endpoint.js';

export function auditEndpoints(bus: Bus): Endpoint[] {
  return [
    forward(bus, ListEventsRoute, ListEventsV1),
    forward(bus, ShowCheckpointRoute, ShowCheckpointV1),
    forward(bus, ProveEventRoute, ProveEventV1),
    forward(bus, ProveConsistencyRoute, ProveConsistencyV1),
    streamEndpoint(ExportEventsRoute, async ({ query }, { identity }) => {
      const head = await bus.request(ExportEventsV1, { actor: identity, ...query });
      return (async function* lines() {
        let part = head;
        yield decode(part.lines);
        while (part.next) {
          part = await bus.request(ExportEventsV1, { actor: identity, ...query, next: part.next });
          yield decode(part.lines);
        }
      })();
    }),
  ];
}

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString();
