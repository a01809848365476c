import type { Logger } from '@sallyport/telemetry';
import { headBytes } from '@sallyport/recording';
import { Recurring } from '../recurring.js';
import type { RecordingStore } from '../recording/recording-store.js';
import { StoredFrames } from '../recording/stored-frames.js';
import type { Commands, RunCommand, UnreadRecording } from './commands.js';
import { ShownCommands } from './shown-commands.js';

const everyMs = 2_000;
/** Of the asciicast of one recording: what comes after it is not read for commands. */
const maxBytes = 32 * 1024 * 1024;

/** Reads the commands from terminal recordings once these are in the store. */
export class ReadScreens extends Recurring {
  constructor(
    private readonly commands: Commands,
    private readonly store: RecordingStore,
    private readonly key: Buffer,
    private readonly log: Logger,
  ) {
    super(everyMs);
  }

  protected override async turn(over: AbortSignal): Promise<number> {
    try {
      while (!over.aborted) {
        const recording = await this.commands.nextUnread();
        if (!recording) break;
        await this.commands.read(recording, await this.commandsOf(recording));
      }
    } catch (error) {
      this.log.warn({ err: error }, 'the commands of a recording could not be read, trying again later');
    }
    return everyMs;
  }

  /** @throws SealedFileError, CastError the recording is not whole: it is tried again, in case another one takes its place */
  private async commandsOf(recording: UnreadRecording): Promise<RunCommand[]> {
    const { sessionId, channel, userId } = recording;
    const shown = await ShownCommands.create();
    let rest = '';
    for await (const text of this.texts(recording)) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) await shown.show(line);
    }
    return shown.found.map(({ seconds, text }, n) => ({
      ...{ sessionId, channel, number: n + 1, userId, text },
      at: new Date(shown.startedAt + seconds * 1_000),
    }));
  }

  /** The asciicast, frame by frame, each of whole chunks. */
  private async *texts(recording: UnreadRecording): AsyncGenerator<string> {
    const frames = await StoredFrames.open(this.store, this.key, recording);
    for (let [offset, frame, bytes] = [headBytes, 0, 0]; bytes < maxBytes; frame += 1) {
      const { text, next } = await frames.read(frame, offset);
      yield text.toString();
      if (next === undefined) return;
      offset = next;
      bytes += text.length;
    }
  }
}
