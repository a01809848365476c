import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { FollowRecordingV1, IdentityClaims, ReplyOf, RequestOf } from '@sallyport/contracts';
import type { RecordingReader } from '@sallyport/messaging';
import type { ShowRecordings } from './show-recordings.js';
import { Screen } from './screen.js';

/** Well below the deadline of the request. */
const waitMs = 5_000;
const lookEveryMs = 100;
/** Of one answer, in bytes of asciicast. */
const fullAnswerBytes = 512 * 1024;

/** A session while it goes on: the screen so far, and then what comes. */
export class FollowRecording {
  constructor(
    private readonly show: ShowRecordings,
    private readonly reader: RecordingReader,
  ) {}

  /** @throws DomainError `session.not-found`, `recording.not-found`, `audit.unavailable` */
  async run(
    { sessionId, channel, after }: Omit<RequestOf<typeof FollowRecordingV1>, 'actor'>,
    viewer: IdentityClaims,
  ): Promise<ReplyOf<typeof FollowRecordingV1>> {
    const recording = await this.show.find(sessionId, channel, viewer);
    if (after === undefined) {
      await this.show.viewed(recording, viewer, 'live');
      return this.begin(sessionId, recording.channel);
    }
    const lines: Buffer[] = [];
    let [position, ended, size] = [after, false, 0];
    const until = Date.now() + waitMs;
    while (!ended && size < fullAnswerBytes) {
      const message = await this.reader.next(sessionId, recording.channel, position);
      if (message) {
        position = message.streamSequence;
        if (message.part === 'chunk') lines.push(Buffer.from(message.data));
        size += message.data.length;
        ended = message.part === 'end';
        continue;
      }
      // What has ended may be out of the stream already.
      ended = recording.status === 'complete' || !(await this.goesOn(sessionId, recording.channel, viewer));
      if (lines.length > 0 || Date.now() >= until || ended) break;
      await pause(lookEveryMs);
    }
    return { channel: recording.channel, gzip: gzipSync(Buffer.concat(lines)).toString('base64'), position, ended };
  }

  private async goesOn(sessionId: string, channel: number, viewer: IdentityClaims): Promise<boolean> {
    return (await this.show.find(sessionId, channel, viewer)).status === 'recording';
  }

  private async begin(sessionId: string, channel: number): Promise<ReplyOf<typeof FollowRecordingV1>> {
    const screen = await Screen.create();
    let [position, ended] = [0, false];
    for (;;) {
      const message = await this.reader.next(sessionId, channel, position);
      if (!message) break;
      position = message.streamSequence;
      if (message.part === 'chunk') await screen.show(Buffer.from(message.data).toString());
      ended ||= message.part === 'end';
    }
    return { channel, screen: screen.drawn(), gzip: gzipSync('').toString('base64'), position, ended };
  }
}
