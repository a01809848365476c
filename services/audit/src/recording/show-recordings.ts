import { gzipSync } from 'node:zlib';
import {
  RecordingViewed,
  SessionId,
  UserId,
  type IdentityClaims,
  type ListRecordingsV1,
  type ReadRecordingV1,
  type ReplyOf,
  type RequestOf,
} from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import { headBytes, SealedFileError } from '@sallyport/recording';
import type { ShowSessions } from '../session/show-sessions.js';
import type { RecordingStore } from './recording-store.js';
import type { Recording, Recordings } from './recordings.js';
import { StoredFrames } from './stored-frames.js';

type Viewing = Pick<IdentityClaims, 'userId' | 'username' | 'clientAddress' | 'roles'>;

/** Recordings, for those who may see their session. */
export class ShowRecordings {
  constructor(
    private readonly sessions: ShowSessions,
    private readonly recordings: Recordings,
    private readonly store: RecordingStore,
    private readonly audit: AuditPublisher,
    private readonly key: Buffer,
  ) {}

  /** @throws DomainError `session.not-found` */
  async list(sessionId: string, viewer: Viewing): Promise<ReplyOf<typeof ListRecordingsV1>> {
    await this.sessions.get(sessionId, viewer);
    const items = (await this.recordings.of(sessionId)).map(({ channel, kind, status, startedAt, stored }) => ({
      ...{ channel, kind, status, startedAt: startedAt.toISOString() },
      ...(stored && { sizeBytes: stored.sizeBytes, chunkCount: stored.chunkCount, sha256: stored.sha256 }),
    }));
    return { items };
  }

  /**
   * One of a session that the viewer may see: the one of `channel`, or the first.
   * @throws DomainError `session.not-found`, `recording.not-found`
   */
  async find(sessionId: string, channel: number | undefined, viewer: Viewing): Promise<Recording> {
    await this.sessions.get(sessionId, viewer);
    const all = await this.recordings.of(sessionId);
    const found = all.find((recording) => channel === undefined || recording.channel === channel);
    if (found) return found;
    throw new DomainError('recording.not-found', 'this session has no such recording: see its list of recordings');
  }

  /**
   * One part of a recording, the first one put on record before it is shown.
   * @throws DomainError `session.not-found`, `recording.not-found`, `recording.unreadable`, `audit.unavailable`, `service.unavailable`
   */
  async read(
    { sessionId, channel, next }: Omit<RequestOf<typeof ReadRecordingV1>, 'actor'>,
    viewer: Viewing,
  ): Promise<ReplyOf<typeof ReadRecordingV1>> {
    const recording = await this.find(sessionId, channel, viewer);
    const object = recording.stored?.object;
    if (object === undefined)
      throw new DomainError('recording.not-found', 'this session still goes on there: watch it live');
    if (!next) await this.viewed(recording, viewer, 'replay');
    const { offset, frame } = next ?? { offset: headBytes, frame: 0 };
    try {
      const frames = await StoredFrames.open(this.store, this.key, { ...recording, object });
      const part = await frames.read(frame, offset);
      return {
        gzip: gzipSync(part.text).toString('base64'),
        ...(part.next !== undefined && { next: { offset: part.next, frame: frame + 1 } }),
      };
    } catch (cause) {
      if (cause instanceof SealedFileError) throw new DomainError('recording.unreadable', cause.message, { cause });
      const message = 'the store of recordings does not answer, try again';
      throw new DomainError('service.unavailable', message, { retryable: true, cause });
    }
  }

  /** @throws DomainError `audit.unavailable`: then nothing may be shown */
  async viewed({ sessionId, userId, channel }: Recording, viewer: Viewing, how: 'replay' | 'live'): Promise<void> {
    const { userId: actorId, username, clientAddress } = viewer;
    const of = { sessionId: SessionId.parse(sessionId), userId: UserId.parse(userId), channel };
    await this.audit.publish(RecordingViewed, { actorId, username, clientAddress, ...of, how });
  }
}
