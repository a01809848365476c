import { z } from 'zod';
import { defineRequest } from '../define.js';
import { SessionId } from '../ids.js';
import { RecordingKind, RecordingStatus } from '../recordings.js';
import { Actor, Instant } from '../values.js';

/** A channel that is recorded. */
export const Recording = z.object({
  /** Counted from 0 within the session. */
  channel: z.int().min(0),
  kind: RecordingKind,
  status: RecordingStatus,
  startedAt: Instant,
  /** Of the asciicast; absent while it goes on. */
  sizeBytes: z.int().optional(),
  chunkCount: z.int().optional(),
  /** Base64. */
  sha256: z.string().optional(),
});
export type Recording = z.infer<typeof Recording>;

/** Some lines of an asciicast: gzip, base64. */
const Lines = z.base64();
const Channel = z.int().min(0).max(1_000_000);
const ask = { actor: Actor, sessionId: SessionId };

export const ListRecordingsV1 = defineRequest({
  subject: 'audit.recording.list.v1',
  callers: ['api'],
  timeoutMs: 5_000,
  roles: ['auditor', 'operator'],
  request: z.strictObject(ask),
  reply: z.object({ items: z.array(Recording) }),
  errors: ['session.not-found'],
});

/** One part of a recording; put together in order they are an asciicast v2. */
export const ReadRecordingV1 = defineRequest({
  subject: 'audit.recording.read.v1',
  callers: ['api'],
  timeoutMs: 20_000,
  roles: ['auditor', 'operator'],
  request: z.strictObject({
    ...ask,
    /** The first that is recorded, unless told. */
    channel: Channel.optional(),
    /** As the part before said. */
    next: z.strictObject({ offset: z.int().min(0), frame: z.int().min(0) }).optional(),
  }),
  reply: z.object({
    gzip: Lines,
    /** Absent with the last part. */
    next: z.object({ offset: z.int(), frame: z.int() }).optional(),
  }),
  errors: ['session.not-found', 'recording.not-found', 'recording.unreadable', 'audit.unavailable'],
});

/** A session while it goes on: first the screen, then what is recorded after it, up to half a second late. */
export const FollowRecordingV1 = defineRequest({
  subject: 'audit.recording.follow.v1',
  callers: ['api'],
  timeoutMs: 30_000,
  roles: ['auditor'],
  request: z.strictObject({
    ...ask,
    channel: Channel.optional(),
    /** The position that was told before; without it, the screen. */
    after: z.int().min(0).optional(),
  }),
  reply: z.object({
    channel: Channel,
    /** What a terminal of this size must be sent to show the same. */
    screen: z.object({ columns: z.int(), rows: z.int(), text: z.string() }).optional(),
    gzip: Lines,
    position: z.int().min(0),
    ended: z.boolean(),
  }),
  errors: ['session.not-found', 'recording.not-found', 'audit.unavailable'],
});
