import { RecordingEnded, RecordingExtended } from '@sallyport/contracts';
import type { RecordingBegin, RecordingEnd, RecordingKind, RecordInput, SessionId, UserId } from '@sallyport/contracts';
import type { AuditPublisher, RecordingMessage, RecordingStream } from '@sallyport/messaging';
import { EchoedInput, eventLine, Excerpt, headerLine, pieceLines, Utf8Pieces } from '@sallyport/recording';
import type { TerminalSize } from '@sallyport/ssh-wire';
import type { Timers } from '../timers.js';
import { deliver } from './deliver.js';
import { RecordedChunks } from './recorded-chunks.js';

/** What every recorder works with. */
export interface RecorderParts {
  readonly stream: RecordingStream;
  readonly audit: AuditPublisher;
  readonly timers: Timers;
  /** How long the stream may take nothing before a session ends that has something to record. */
  readonly graceMs: number;
  /** The name of this process: when it answers no more, its recordings end without it. */
  readonly replica: string;
}

/** What is recorded. */
export interface RecordedChannel {
  readonly sessionId: SessionId;
  readonly userId: UserId;
  readonly channel: number;
  readonly input: RecordInput;
  readonly command?: string | undefined;
  /** Absent: a channel without a terminal. */
  readonly terminal?: ({ readonly term: string } & TerminalSize) | undefined;
}

/** Records one channel, as `ChannelRecorder` says. */
export type Recorder = Pick<ChannelRecorder, 'input' | 'output' | 'resized' | 'end'>;

/** Port: begins the recording of a channel. See `ChannelRecorder.begin`. */
export type BeginRecording = (of: RecordedChannel, onFailed: (error: unknown) => void) => Promise<Recorder>;

/** A chunk goes when it is this large, or this old: what a crash can take with it. */
const CHUNK_CHARACTERS = 64 * 1024;
const CHUNK_AGE_MS = 500;
/** What waits for the stream beyond this makes the channel wait. */
const BACKLOG_CHARACTERS = 256 * 1024;
/** Hashes go into the log when there are this many, or when one is this old. */
const HASHES_AT_ONCE = 32;
const HASH_AGE_MS = 30_000;
const EXCERPT = { burstBytes: 64 * 1024, quietMs: 2_000 };
/** For a client that has no size. */
const [WIDTH, HEIGHT] = [80, 24];

/**
 * Records one channel: makes an asciicast of it, in chunks that the stream has on disk, with their hashes in the log. It
 * holds up nothing but for the time in which the stream falls behind; when that does not end, it fails, and the session has
 * to end.
 */
export class ChannelRecorder {
  readonly #startedAt: number;
  readonly #output = new Utf8Pieces();
  readonly #input = new Utf8Pieces();
  readonly #echoed: EchoedInput | undefined;
  readonly #excerpt: Excerpt | undefined;
  #header: string;
  /** Whole lines that are in no chunk yet. */
  #text = '';
  #sending: Promise<void> | undefined;
  #cancelFlush: (() => void) | undefined;
  #cancelHashes: (() => void) | undefined;
  #waiting: (() => void)[] = [];
  #failed = false;
  #ended = false;
  readonly #chunks = new RecordedChunks();

  private constructor(
    private readonly parts: RecorderParts,
    private readonly of: RecordedChannel,
    /** Told once, when nothing more can be recorded. */
    private readonly onFailed: (error: unknown) => void,
  ) {
    const { terminal, input, sessionId, channel, command } = of;
    this.#startedAt = parts.timers.now();
    this.#echoed = terminal && input === 'echoed' ? new EchoedInput() : undefined;
    this.#excerpt = terminal ? undefined : new Excerpt(EXCERPT);
    this.#header = headerLine({
      version: 2,
      width: (terminal?.columns ?? 0) || WIDTH,
      height: (terminal?.rows ?? 0) || HEIGHT,
      timestamp: Math.floor(Date.now() / 1_000),
      ...(command !== undefined && { command }),
      ...(terminal && { env: { TERM: terminal.term } }),
      sallyport: { sessionId, channel },
    });
  }

  /**
   * Resolves when the stream knows of the recording.
   * @throws DomainError `audit.unavailable`: then nothing may be started
   */
  static async begin(
    parts: RecorderParts,
    of: RecordedChannel,
    onFailed: (error: unknown) => void,
  ): Promise<ChannelRecorder> {
    const { sessionId, userId, channel } = of;
    const kind: RecordingKind = of.terminal ? 'terminal' : 'excerpt';
    const begin: RecordingBegin = {
      ...{ sessionId, userId, channel, kind },
      replica: parts.replica,
      startedAt: new Date().toISOString(),
    };
    const recorder = new ChannelRecorder(parts, of, onFailed);
    await parts.stream.put({ sessionId, channel, part: 'begin', data: json(begin) });
    if (of.terminal && (of.terminal.columns === 0 || of.terminal.rows === 0)) recorder.#resized(of.terminal);
    return recorder;
  }

  /** Something was shown. @returns what to wait for before more is shown; mostly nothing */
  output(bytes: Buffer): Promise<void> | undefined {
    if (this.#excerpt && !this.#keep(this.#excerpt, bytes)) return undefined;
    const piece = this.#output.push(bytes);
    if (!piece) return undefined;
    this.#append(pieceLines(this.#ms, 'o', piece));
    for (const line of this.#echoed?.shown(piece.text) ?? []) this.#typed(line);
    return this.#room();
  }

  /** Something was typed, or sent. @returns as `output` */
  input(bytes: Buffer): Promise<void> | undefined {
    if (this.of.input === 'off' || (this.of.input === 'echoed' && !this.#echoed)) return undefined;
    if (this.#excerpt && !this.#keep(this.#excerpt, bytes)) return undefined;
    const piece = this.#input.push(bytes);
    if (!piece) return undefined;
    if (this.#echoed) this.#echoed.typed(piece.text);
    else this.#append(pieceLines(this.#ms, 'i', piece));
    return this.#room();
  }

  /** The client's terminal has another size. */
  resized(size: TerminalSize): void {
    this.#resized(size);
  }

  /** The channel is over. Returns when all of it is recorded, or cannot be. Never rejects. */
  async end(): Promise<void> {
    const durationMs = Math.round(this.#ms);
    this.#finish();
    this.#ended = true;
    this.#cancelFlush?.();
    this.#cancelHashes?.();
    await this.#sending;
    await this.#guard(async () => {
      while (this.#text !== '') await this.#sendChunk();
      const { sessionId, userId, channel } = this.of;
      const whole = { ...this.#chunks.whole(), durationMs };
      const chunkCount = this.#chunks.count;
      const end: RecordingEnd = { chunks: chunkCount, ...whole };
      if (chunkCount > 0) {
        const data = { sessionId, userId, channel, ...this.#chunks.take(), chunkCount, ...whole };
        await this.#deliver(() => this.parts.audit.publish(RecordingEnded, data));
      }
      await this.#put({ part: 'end', data: json(end) });
    });
  }

  get #ms(): number {
    return this.parts.timers.now() - this.#startedAt;
  }

  #keep(excerpt: Excerpt, bytes: Buffer): boolean {
    const { keep, leftOut } = excerpt.take(bytes, this.parts.timers.now());
    if (leftOut > 0) this.#leftOut(leftOut);
    return keep;
  }

  #leftOut(bytes: number): void {
    this.#mark(`${bytes} bytes not recorded: a transfer`);
  }

  /** A terminal without columns or rows is none that a player can show. */
  #resized({ columns, rows }: TerminalSize): void {
    if (columns === 0 || rows === 0) this.#mark(`resized to ${columns}x${rows}`);
    else this.#append(eventLine(this.#ms, 'r', `${columns}x${rows}`));
  }

  #typed(line: string | undefined): void {
    if (line === undefined) this.#mark('typed, and not echoed');
    else this.#append(eventLine(this.#ms, 'i', line));
  }

  #mark(text: string): void {
    this.#append(eventLine(this.#ms, 'm', text));
  }

  /** What has waited for its rest has waited in vain. */
  #finish(): void {
    const shown = this.#output.end();
    if (shown) this.#append(pieceLines(this.#ms, 'o', shown));
    const typed = this.#echoed ? undefined : this.#input.end();
    if (typed) this.#append(pieceLines(this.#ms, 'i', typed));
    if (this.#echoed?.end()) this.#typed(undefined);
    const leftOut = this.#excerpt?.takeLeftOut() ?? 0;
    if (leftOut > 0) this.#leftOut(leftOut);
  }

  #append(lines: string): void {
    if (this.#failed || this.#ended) return;
    this.#text += this.#header + lines;
    this.#header = '';
    if (this.#text.length >= CHUNK_CHARACTERS) this.#flush();
    else this.#flushSoon();
  }

  #room(): Promise<void> | undefined {
    if (this.#failed || this.#text.length < BACKLOG_CHARACTERS) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #flushSoon(): void {
    if (this.#sending) return;
    this.#cancelFlush ??= this.parts.timers.after(CHUNK_AGE_MS, () => {
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#sending) return;
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    this.#sending = this.#guard(() => this.#sendChunk()).then(() => {
      this.#sending = undefined;
      if (this.#ended || this.#failed || this.#text === '') return;
      if (this.#text.length >= CHUNK_CHARACTERS) this.#flush();
      else this.#flushSoon();
    });
  }

  /** All that there is: at most what may wait, and what one packet adds to that. */
  async #sendChunk(): Promise<void> {
    const data = Buffer.from(this.#text);
    this.#text = '';
    this.#wake();
    await this.#put({ part: 'chunk', chunk: this.#chunks.count, data });
    this.#chunks.add(data);
    if (this.#chunks.untold >= HASHES_AT_ONCE) await this.#tellHashes();
    else this.#tellHashesSoon();
  }

  #tellHashesSoon(): void {
    if (this.#ended) return;
    this.#cancelHashes ??= this.parts.timers.after(HASH_AGE_MS, () => {
      void this.#guard(() => this.#tellHashes());
    });
  }

  async #tellHashes(): Promise<void> {
    this.#cancelHashes?.();
    this.#cancelHashes = undefined;
    if (this.#chunks.untold === 0 || this.#ended) return;
    const { sessionId, userId, channel } = this.of;
    const data = { sessionId, userId, channel, ...this.#chunks.take() };
    await this.#deliver(() => this.parts.audit.publish(RecordingExtended, data));
  }

  #put(message: Pick<RecordingMessage, 'part' | 'chunk' | 'data'>): Promise<void> {
    const { sessionId, channel } = this.of;
    return this.#deliver(() => this.parts.stream.put({ sessionId, channel, ...message }));
  }

  #deliver(send: () => Promise<void>): Promise<void> {
    return deliver(this.parts, send, () => this.#failed);
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    if (this.#failed) return;
    try {
      await work();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#text = '';
    this.#wake();
    this.onFailed(error);
  }

  #wake(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }
}

const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));
