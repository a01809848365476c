import { z } from 'zod';
import { SessionId, UserId } from './ids.js';
import { Base64, Instant } from './values.js';

/**
 * What `session` puts into the stream `RECORDINGS` for a channel, in this order: one `begin`, any number of chunks, one `end`;
 * no `end` when the session process died. A chunk is binary: whole lines of an asciicast v2, in UTF-8 (libs/recording); the others
 * are JSON.
 */
export const recordingParts = ['begin', 'chunk', 'end'] as const;
export type RecordingPart = (typeof recordingParts)[number];

/** `terminal`: all that was shown. `excerpt`: of a channel without a terminal, what went at the pace of a person. */
export const RecordingKind = z.enum(['terminal', 'excerpt']);
export type RecordingKind = z.infer<typeof RecordingKind>;

/** `recording`: it goes on. `lost`: the session process ended without ending it, and this is what it had recorded until then. */
export const RecordingStatus = z.enum(['recording', 'complete', 'lost']);
export type RecordingStatus = z.infer<typeof RecordingStatus>;

export const RecordingBegin = z.object({
  sessionId: SessionId,
  userId: UserId,
  channel: z.int().min(0),
  kind: RecordingKind,
  /** The session process: when it answers no more, no `end` will come. */
  replica: z.uuid(),
  startedAt: Instant,
});
export type RecordingBegin = z.infer<typeof RecordingBegin>;

export const RecordingEnd = z.object({
  /** 0: nothing was shown, and nothing is kept. */
  chunks: z.int().min(0),
  sizeBytes: z.int().min(0),
  /** Of all chunks, one after the other. */
  sha256: Base64,
  durationMs: z.int().min(0),
});
export type RecordingEnd = z.infer<typeof RecordingEnd>;
