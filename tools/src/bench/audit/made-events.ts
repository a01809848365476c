import { randomUUID } from 'node:crypto';
import { ChannelClosed, ChannelOpened, SessionClosed, SessionOpened, type EventContract } from '@sallyport/contracts';
import { toCloudEvent } from '@sallyport/messaging';

/** An event as it goes into the stream. */
export interface MadeEvent {
  readonly id: string;
  readonly subject: string;
  readonly payload: string;
}

/** What sessions with three commands each leave in the log, as the session service publishes it. */
export function makeEvents(count: number): MadeEvent[] {
  const events: MadeEvent[] = [];
  while (events.length < count) events.push(...session());
  return events.slice(0, count);
}

function session(): MadeEvent[] {
  const of = { sessionId: randomUUID(), userId: randomUUID() };
  const bytes = { bytesUp: 120, bytesDown: 5_210 };
  const opened = {
    ...of,
    ...{ username: 'alice', clientAddress: '192.0.2.7', address: '198.51.100.1', port: 22, attempts: 1 },
    ...{ hostId: randomUUID(), hostName: 'web-1', accountId: randomUUID(), accountName: 'root', grantId: randomUUID() },
    ...{ secretVersionId: 'v7', hostKeyFingerprint: `SHA256:${'A'.repeat(43)}` },
  };
  const channels = [0, 1, 2].flatMap((channel) => [
    made(ChannelOpened, {
      ...of,
      channel,
      kind: 'exec',
      terminal: false,
      command: `systemctl status nginx-${channel}`,
    }),
    made(ChannelClosed, { ...of, channel, exitStatus: 0, ...bytes }),
  ]);
  const closed = { ...of, reason: 'client-left', durationMs: 61_000, ...bytes };
  return [made(SessionOpened, opened), ...channels, made(SessionClosed, closed)];
}

/** @throws ZodError when it is no such event */
function made(event: EventContract, data: object): MadeEvent {
  const cloudEvent = toCloudEvent(event, event.data.parse(data), 'session');
  return { id: cloudEvent.id, subject: event.subject, payload: JSON.stringify(cloudEvent) };
}
