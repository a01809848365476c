import {
  ExportEventsRoute,
  ExportEventsV1,
  FollowEventsV1,
  ListEventsRoute,
  ListEventsV1,
  ProveConsistencyRoute,
  ProveConsistencyV1,
  ProveEventRoute,
  ProveEventV1,
  ShowCheckpointRoute,
  ShowCheckpointV1,
  StreamEventsRoute,
} from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Bus } from '@sallyport/messaging';
import { forward, streamEndpoint, type Endpoint } from './endpoint.js';

export function auditEndpoints(bus: Bus): Endpoint[] {
  return [
    forward(bus, ListEventsRoute, ListEventsV1),
    follow(bus),
    forward(bus, ShowCheckpointRoute, ShowCheckpointV1),
    forward(bus, ProveEventRoute, ProveEventV1),
    forward(bus, ProveConsistencyRoute, ProveConsistencyV1),
    streamEndpoint(ExportEventsRoute, async ({ query }, { identity }) => {
      const head = await bus.request(ExportEventsV1, { actor: await identity(), ...query });
      return (async function* lines() {
        let part = head;
        yield decode(part.lines);
        while (part.next) {
          part = await bus.request(ExportEventsV1, { actor: await identity(), ...query, next: part.next });
          yield decode(part.lines);
        }
      })();
    }),
  ];
}

/**
 * A stream of server-sent events, each with its sequence as id, so that a client that was cut off goes on where it was. In
 * quiet times a comment tells that the connection lives.
 */
function follow(bus: Bus): Endpoint {
  return streamEndpoint(StreamEventsRoute, async ({ query }, { identity, lastEventId }) => {
    const { after: asked, ...filter } = query;
    const ask = async (after: number | undefined, wait: boolean) =>
      bus.request(FollowEventsV1, {
        actor: await identity(),
        wait,
        ...filter,
        ...(after === undefined ? {} : { after }),
      });
    const first = await ask(lastEventId === undefined ? asked : sequenceOf(lastEventId), false);
    return (async function* lines() {
      yield 'retry: 2000\n\n';
      for (let part = first; ; part = await ask(part.position, true)) {
        for (const event of part.items)
          yield `id: ${event.sequence}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
        // The id of a comment-only message is kept by clients as well: what the filter left out is not looked at again.
        if (part.items.at(-1)?.sequence !== part.position) yield `id: ${part.position}\n: alive\n\n`;
      }
    })();
  });
}

function sequenceOf(lastEventId: string): number {
  if (!/^\d{1,15}$/.test(lastEventId))
    throw new DomainError('request.invalid', 'Last-Event-ID: not the id of an event of this stream');
  return Number(lastEventId);
}

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString();
