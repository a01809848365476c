import { gunzipSync } from 'node:zlib';
import {
  FollowRecordingV1,
  GetRecordingRoute,
  ListRecordingsRoute,
  ListRecordingsV1,
  ReadRecordingV1,
  WatchSessionRoute,
} from '@sallyport/contracts';
import type { Bus } from '@sallyport/messaging';
import { forward, streamEndpoint, type Endpoint } from './endpoint.js';

export function recordingEndpoints(bus: Bus): Endpoint[] {
  return [
    forward(bus, ListRecordingsRoute, ListRecordingsV1),
    streamEndpoint(GetRecordingRoute, async ({ params, query }, { identity }) => {
      const head = await bus.request(ReadRecordingV1, { actor: await identity(), ...params, ...query });
      return (async function* lines() {
        let part = head;
        yield unzip(part.gzip);
        while (part.next) {
          part = await bus.request(ReadRecordingV1, { actor: await identity(), ...params, ...query, next: part.next });
          yield unzip(part.gzip);
        }
      })();
    }),
    watch(bus),
  ];
}

/** In quiet times a comment tells that the connection lives. */
function watch(bus: Bus): Endpoint {
  return streamEndpoint(WatchSessionRoute, async ({ params, query }, { identity }) => {
    const first = await bus.request(FollowRecordingV1, { actor: await identity(), ...params, ...query });
    const { channel } = first;
    return (async function* events() {
      yield `event: screen\ndata: ${JSON.stringify(first.screen)}\n\n`;
      for (let part = first; ;) {
        const lines = unzip(part.gzip).split('\n');
        // Each is JSON, and so one line of data.
        for (const line of lines) if (line.startsWith('[')) yield `event: cast\ndata: ${line}\n\n`;
        if (part.ended) break;
        if (lines.length <= 1) yield ': alive\n\n';
        const after = part.position;
        part = await bus.request(FollowRecordingV1, { actor: await identity(), ...params, channel, after });
      }
      yield 'event: end\ndata: {}\n\n';
    })();
  });
}

const unzip = (gzip: string): string => gunzipSync(Buffer.from(gzip, 'base64')).toString();
