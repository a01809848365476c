import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SessionId, UserId } from '@sallyport/contracts';
import { RecordingStream, type RecordingMessage } from '@sallyport/messaging';
import { RecordingAuditPublisher } from '@sallyport/messaging/testing';
import { bytesOf } from '@sallyport/recording';
import { expect, it } from 'vitest';
import { FakeTimers } from '../testing/fake-timers.js';
import { ChannelRecorder } from './channel-recorder.js';

/** Takes nothing of what is shown until it is told to. */
class HangingStream extends RecordingStream {
  readonly taken: RecordingMessage[] = [];
  #waiting: (() => void)[] = [];
  #hangs = true;

  override async put(message: RecordingMessage): Promise<void> {
    if (this.#hangs && message.part === 'chunk') await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.taken.push(message);
  }

  takeOne(): void {
    this.#waiting.shift()?.();
  }

  goOn(): void {
    this.#hangs = false;
    for (const resume of this.#waiting.splice(0)) resume();
  }
}

it('has a channel wait while the stream hangs, from a bound on, and loses nothing of what was shown, nor its order', async () => {
  const [stream, timers, failed] = [new HangingStream(), new FakeTimers(), [] as unknown[]];
  const parts = { stream, timers, audit: new RecordingAuditPublisher(), graceMs: 10_000, replica: randomUUID() };
  const ids = { sessionId: SessionId.parse(randomUUID()), userId: UserId.parse(randomUUID()), channel: 0 };
  const terminal = { term: 'xterm', columns: 80, rows: 24, widthPixels: 0, heightPixels: 0 };
  const recorder = await ChannelRecorder.begin(parts, { ...ids, input: 'off', terminal }, (error) =>
    failed.push(error),
  );
  const shown: string[] = [];
  const show = (): Promise<void> | undefined => {
    const text = `${shown.length} `.padEnd(32 * 1024, 'x');
    shown.push(text);
    return recorder.output(Buffer.from(text));
  };

  let held: Promise<void> | undefined;
  while (!held && shown.length < 100) held = show();
  // One chunk of 64 KiB is on its way, and 256 KiB wait behind it.
  expect(shown.length).toBeLessThanOrEqual(11);
  let isHeld = true;
  const waits = held?.then(() => {
    isHeld = false;
  });
  await nextTurn();
  expect(isHeld).toBe(true);
  expect(stream.taken.filter(({ part }) => part === 'chunk')).toEqual([]);

  stream.takeOne();
  await waits;
  // What waited is on its way now, and there is room again, for as much.
  expect(show()).toBeUndefined();
  stream.goOn();
  void show();
  await recorder.end();
  const chunks = stream.taken.filter(({ part }) => part === 'chunk');
  expect(chunks.map(({ chunk }) => chunk)).toEqual(chunks.map((_, n) => n));
  const lines = Buffer.concat(chunks.map(({ data }) => data))
    .toString()
    .trimEnd()
    .split('\n');
  expect(Buffer.concat([...bytesOf(lines.slice(1), 'o')]).toString()).toBe(shown.join(''));
  expect(stream.taken.at(-1)?.part).toBe('end');
  expect(failed).toEqual([]);
});
