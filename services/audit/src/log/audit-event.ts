import { AccountId, allEvents, HostId, SessionId, StoredEvent, UserId } from '@sallyport/contracts';
import { leafHash, type Hash } from '@sallyport/transparency';
import { z } from 'zod';

/** An event as it came from the stream, read and believed. */
export interface AuditEvent {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string | undefined;
  readonly time: Date;
  readonly sessionId: string | undefined;
  /** Whom it is about. */
  readonly userId: string | undefined;
  /** Who did it, where that is somebody else. */
  readonly actorId: string | undefined;
  readonly hostId: string | undefined;
  readonly accountId: string | undefined;
  readonly secretName: string | undefined;
  readonly secretVersionId: string | undefined;
  /** What somebody ran. */
  readonly command: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
  /** The very text that was published: what is hashed and shown. One line. */
  readonly body: string;
  /** The leaf of the tree: of the bytes of `body`. */
  readonly leafHash: Hash;
}

/** An event in its place in the log. */
export interface LoggedEvent extends AuditEvent {
  readonly sequence: number;
}

/** What came from the stream and is no event that we can believe. It is kept as it is. */
export interface Malformed {
  readonly reason: string;
}

/** Half of what NATS carries: a page of the log has to fit into one answer. */
const maxBytes = 512 * 1024;
/** Far more than any event has, and far less than it takes to break the reader of an answer. */
const maxDepth = 32;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const eventsBySubject = new Map(allEvents.map((event) => [event.subject, event]));
/** Printable text, since PostgreSQL has no NUL and people read it. */
const line = (max: number) => z.string().regex(new RegExp(`^[^\\p{Cc}]{1,${max}}$`, 'u'));

/** The CloudEvent without its place in the log. */
const Envelope = StoredEvent.omit({ sequence: true }).extend({
  type: z.string().regex(/^io\.sallyport\.[a-z0-9-]{1,60}\.[a-z0-9-]{1,60}\.v[1-9]\d?$/),
  source: line(128),
  subject: line(256).optional(),
});
/** What an index takes, in bytes and at all. */
const key = () => line(256).optional().catch(undefined);
/** What in the data is not of its kind is shown with the event, but not looked for. PostgreSQL's text has no NUL. */
const Keys = z.object({
  sessionId: SessionId.optional().catch(undefined),
  userId: UserId.optional().catch(undefined),
  actorId: UserId.optional().catch(undefined),
  hostId: HostId.optional().catch(undefined),
  accountId: AccountId.optional().catch(undefined),
  secretName: key(),
  secretVersionId: key(),
  command: z
    .string()
    .transform((text) => text.replaceAll('\0', '\ufffd'))
    .optional()
    .catch(undefined),
});

/**
 * Reads one message of the stream `AUDIT`. NATS lets a service publish only on the subjects of its own events; so an event
 * is believed only when its type and source are those of the subject it came on.
 */
export function readEvent(message: { data: Uint8Array; subject: string }): AuditEvent | Malformed {
  if (message.data.byteLength > maxBytes) return { reason: `more than ${maxBytes} bytes` };
  let body: string;
  let json: unknown;
  try {
    body = utf8.decode(message.data);
    json = JSON.parse(body);
  } catch {
    return { reason: 'not JSON in UTF-8' };
  }
  // An export has a line for each event.
  if (/[\r\n]/.test(body)) return { reason: 'more than one line' };
  if (deeper(json, maxDepth)) return { reason: `nested more than ${maxDepth} deep` };
  const envelope = Envelope.safeParse(json);
  if (!envelope.success)
    return { reason: envelope.error.issues.map((i) => `${i.path.join('.')}: ${i.code}`).join('; ') };
  const { id, type, source, subject, time, data } = envelope.data;
  const at = new Date(time);
  if (at.getTime() < 0) return { reason: 'time: before 1970' };
  if (type.replace(/^io\.sallyport\.(.*)\.v\d+$/, 'audit.$1') !== message.subject)
    return { reason: `type ${type} came on ${message.subject}` };
  const known = eventsBySubject.get(message.subject);
  if (known && !known.sources.some((service) => source === `/sallyport/${service}`))
    return { reason: `source ${source} does not publish ${type}` };
  return { id, type, source, subject, time: at, data, body, leafHash: leafHash(message.data), ...keys(data) };
}

function deeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => deeper(inner, levels - 1));
}

function keys(data: unknown) {
  const { sessionId, userId, actorId, hostId, accountId, secretName, secretVersionId, command } = Keys.parse(data);
  return { sessionId, userId, actorId, hostId, accountId, secretName, secretVersionId, command };
}
