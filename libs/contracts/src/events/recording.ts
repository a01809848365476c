import { z } from 'zod';
import { defineEvent } from '../define.js';
import { SessionId, UserId } from '../ids.js';
import { pub, sensitive } from './field.js';

const of = {
  sessionId: pub(SessionId),
  userId: pub(UserId),
  /** Counted from 0 within the session. */
  channel: pub(z.int()),
};
/** Of chunks, one after the other: their sizes in bytes, and their SHA-256 in base64. */
const hashes = {
  /** Number of the first of these chunks, from 0. */
  firstChunk: pub(z.int()),
  chunks: pub(z.array(z.object({ sizeBytes: z.int(), sha256: z.string() }))),
};
/** Of the whole recording, as plain asciicast: its chunks one after the other. */
const whole = { chunkCount: pub(z.int()), sizeBytes: pub(z.int()), sha256: pub(z.string()) };

export const RecordingExtended = defineEvent({
  name: 'recording.extended',
  sources: ['session'],
  guarantee: 'enforced',
  description: 'More of a channel was recorded. A session whose recording cannot be put on record ends.',
  data: z.object({ ...of, ...hashes }),
});

export const RecordingEnded = defineEvent({
  name: 'recording.ended',
  sources: ['session'],
  guarantee: 'enforced',
  description: 'A channel is over, and all of it is recorded: the last chunks, and the whole.',
  data: z.object({ ...of, ...hashes, ...whole, durationMs: pub(z.int()) }),
});

export const RecordingStored = defineEvent({
  name: 'recording.stored',
  sources: ['audit'],
  guarantee: 'enforced',
  description:
    'A recording is in the store. `lost`: its session process was gone, or could record no longer, and this is what there was until then.',
  data: z.object({
    ...of,
    kind: pub(z.enum(['terminal', 'excerpt'])),
    status: pub(z.enum(['complete', 'lost'])),
    ...whole,
    /** Encrypted, as it is stored. */
    storedBytes: pub(z.int()),
    /** Name in the store. */
    object: pub(z.string()),
    /** With `lost`: the chunks that no event of the session tells of. */
    firstChunk: pub(z.int()).optional(),
    chunks: pub(z.array(z.object({ sizeBytes: z.int(), sha256: z.string() }))).optional(),
  }),
});

export const RecordingViewed = defineEvent({
  name: 'recording.viewed',
  sources: ['audit'],
  guarantee: 'enforced',
  description: 'Somebody was shown a recording, or watched the session while it went on.',
  data: z.object({
    actorId: pub(UserId),
    username: sensitive(z.string()),
    clientAddress: sensitive(z.string()),
    ...of,
    how: pub(z.enum(['replay', 'live'])),
  }),
});
