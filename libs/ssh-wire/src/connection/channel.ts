import { SshReader, SshWriter } from '@sallyport/ssh-keys';
import { EventQueue } from '../event-queue.js';
import { Message } from '../messages.js';
import { SshError } from '../ssh-error.js';
import type { Transport } from '../transport/transport.js';
import { joinSmall } from './channel-event.js';
import type { ChannelEvent } from './channel-event.js';
import type { ChannelRequest, IncomingRequest } from './channel-request.js';
import { PACKET_LIMIT_BYTES } from './flow.js';
import { OrderedAnswers } from './ordered-answers.js';

/** Numbers and limits of a channel, both ways. */
export interface ChannelEnds {
  readonly localId: number;
  readonly remoteId: number;
  readonly localWindowBytes: number;
  readonly remoteWindowBytes: number;
  readonly remotePacketBytes: number;
}

/** A peer that overruns its window by more than this share of it is disconnected; OpenSSH forgives as much. */
const OVERRUN_SHARE = 0.1;
/** The window is opened again in steps of at most this size. */
const WINDOW_STEP_BYTES = 256 * 1024;
/** Requests may come faster than they are answered, but not without end. */
const REQUEST_LIMIT = 1_024;
/** `exit-status` and `exit-signal` come once in the life of a channel; each waits in its place in the flow. */
const EXIT_LIMIT = 16;
/** A peer may want packets of one byte: after so many, others get their turn. */
const PACKETS_IN_A_ROW = 64;
/** Extended data of the only type there is (RFC 4254 section 5.2). */
const STDERR = 1;

/**
 * One channel (RFC 4254 section 5), the same on both sides of a connection. What is read slowly here is sent slowly there:
 * the window opens only for what the loop over `incoming` has dealt with.
 */
export class Channel {
  /** Settles when the channel is closed by the other side or with its connection. */
  readonly closed: Promise<void>;
  #settleClosed: () => void = () => undefined;
  readonly #events = new EventQueue<ChannelEvent>({ absorb: joinSmall });
  readonly #requests = new EventQueue<IncomingRequest>({ limit: REQUEST_LIMIT });
  readonly #replies: ((success: boolean) => void)[] = [];
  /** To the other side's requests that want a reply. */
  readonly #answers = new OrderedAnswers<boolean>(REQUEST_LIMIT, (success) => {
    const type = success ? Message.channelSuccess : Message.channelFailure;
    if (!this.#sentClose && !this.#gotClose) this.transport.send(this.#message(type).bytes());
  });
  #localWindow: number;
  #handledBytes = 0;
  #remoteWindow: number;
  #writers: (() => void)[] = [];
  #exits = 0;
  #gotEof = false;
  #sentEof = false;
  #sentClose = false;
  #gotClose = false;
  #answersClose = true;

  /** @param forget called when both sides have closed and the number is free again */
  constructor(
    private readonly transport: Transport,
    private readonly ends: ChannelEnds,
    private readonly forget: () => void,
  ) {
    this.#localWindow = ends.localWindowBytes;
    this.#remoteWindow = ends.remoteWindowBytes;
    this.closed = new Promise((resolve) => (this.#settleClosed = resolve));
  }

  /** Data, end of data and exit of the other side; ends when the channel is closed. For one loop only. */
  async *incoming(): AsyncGenerator<ChannelEvent, void, undefined> {
    for await (const event of this.#events) {
      yield event;
      if (event.kind === 'data') this.#handled(event.bytes.length);
    }
  }

  /** Requests of the other side that do not wait for data before them; ends when the channel is closed. For one loop only. */
  requests(): AsyncIterable<IncomingRequest> {
    return this.#requests;
  }

  /**
   * Sends data as fast as window and connection take it.
   * @returns false when the channel closed before all of it was sent
   */
  async write(bytes: Buffer, stderr = false): Promise<boolean> {
    let rest = bytes;
    for (let packets = 1; rest.length > 0; packets += 1) {
      if (!this.#writable) return false;
      const size = Math.min(rest.length, this.#remoteWindow, this.ends.remotePacketBytes);
      if (size === 0) {
        await new Promise<void>((resolve) => this.#writers.push(resolve));
        continue;
      }
      this.#remoteWindow -= size;
      this.#sendData(rest.subarray(0, size), stderr);
      rest = rest.subarray(size);
      if (this.transport.congested) await this.transport.drained();
      else if (packets % PACKETS_IN_A_ROW === 0) await nextTurn();
    }
    return true;
  }

  /** Returns when so little waits to be sent on the connection that a request, which no window holds back, may follow. */
  async room(): Promise<void> {
    if (this.transport.congested) await this.transport.drained();
  }

  /** No more data will come from us. Requests still may. */
  sendEof(): void {
    if (!this.#writable) return;
    this.#sentEof = true;
    this.transport.send(this.#message(Message.channelEof).bytes());
  }

  /**
   * Sends a request.
   * @returns whether the other side agreed; true at once when no reply is wanted, false when the channel closes before it
   */
  request({ name, wantReply, payload }: ChannelRequest): Promise<boolean> {
    return new Promise((resolve) => {
      this.#ask({ name, wantReply, payload }, resolve);
      if (!wantReply) resolve(true);
    });
  }

  /**
   * Passes on a request that came on another channel, and gives the answer back before anything that follows the answer
   * here: a program that ends at once must not end for the client before it has begun.
   */
  pass(request: IncomingRequest): void {
    this.#ask(request, request.reply);
  }

  /** Ends the channel on our side, whatever the other side still wants to say. Safe to repeat. */
  close(): void {
    if (this.#sentClose) return;
    this.#sentClose = true;
    this.transport.send(this.#message(Message.channelClose).bytes());
    this.#wake();
    if (this.#gotClose) this.forget();
  }

  /**
   * From now on the other side's CLOSE is answered by `close()` alone. OpenSSH's client closes as soon as it has read the end
   * of output and sent the end of input, and still takes an exit until we close as well: as sshd does when the program ends.
   */
  answerCloseLater(): void {
    this.#answersClose = false;
  }

  /** For `Connection`: a message of the other side for this channel. */
  handle(type: number, payload: Buffer): void {
    const reader = new SshReader(payload.subarray(5));
    switch (type) {
      case Message.channelWindowAdjust:
        this.#remoteWindow = Math.min(this.#remoteWindow + reader.uint32(), 2 ** 32 - 1);
        this.#wake();
        return;
      case Message.channelData:
        this.#onData(reader.string(PACKET_LIMIT_BYTES), false);
        return;
      case Message.channelExtendedData: {
        const stderr = reader.uint32() === STDERR;
        this.#onData(reader.string(PACKET_LIMIT_BYTES), stderr);
        return;
      }
      case Message.channelEof:
        if (!this.#gotEof) this.#events.push({ kind: 'eof' });
        this.#gotEof = true;
        return;
      case Message.channelRequest: {
        const name = reader.string().toString('latin1');
        const wantReply = reader.boolean();
        this.#onRequest({ name, wantReply, payload: payload.subarray(payload.length - reader.remainingBytes) });
        return;
      }
      case Message.channelSuccess:
      case Message.channelFailure:
        this.#replies.shift()?.(type === Message.channelSuccess);
        return;
      case Message.channelClose:
        this.#onClose();
        return;
      default:
        throw new SshError('protocol', `message ${type} is not one for a channel`);
    }
  }

  /** For `Connection`: the connection has ended. */
  lose(): void {
    this.#gotClose = true;
    this.#sentClose = true;
    this.#finish();
  }

  get #writable(): boolean {
    return !this.#sentEof && !this.#sentClose && !this.#gotClose;
  }

  #sendData(bytes: Buffer, stderr: boolean): void {
    const head = Buffer.allocUnsafe(stderr ? 13 : 9);
    head.writeUInt8(stderr ? Message.channelExtendedData : Message.channelData);
    head.writeUInt32BE(this.ends.remoteId, 1);
    if (stderr) head.writeUInt32BE(STDERR, 5);
    head.writeUInt32BE(bytes.length, head.length - 4);
    this.transport.send(head, bytes);
  }

  #onData(bytes: Buffer, stderr: boolean): void {
    this.#localWindow -= bytes.length;
    if (this.#localWindow < -OVERRUN_SHARE * this.ends.localWindowBytes) {
      throw new SshError('protocol', 'more data than the window allows');
    }
    if (!this.#sentClose && bytes.length > 0) this.#events.push({ kind: 'data', bytes, stderr });
  }

  #handled(bytes: number): void {
    this.#handledBytes += bytes;
    const step = Math.min(WINDOW_STEP_BYTES, this.ends.localWindowBytes / 2);
    if (this.#handledBytes < step || this.#sentClose || this.#gotClose) return;
    this.transport.send(this.#message(Message.channelWindowAdjust).uint32(this.#handledBytes).bytes());
    this.#localWindow += this.#handledBytes;
    this.#handledBytes = 0;
  }

  #onRequest(request: ChannelRequest): void {
    if (request.name === 'exit-status' || request.name === 'exit-signal') {
      this.#exits += 1;
      if (this.#exits > EXIT_LIMIT) throw new SshError('protocol', 'a channel that exits again and again');
      this.#events.push({ kind: 'exit', request });
      return;
    }
    const reply = request.wantReply ? this.#answers.expect() : () => undefined;
    // A question whether we are still there (OpenSSH asks like this): any answer does.
    if (request.name === 'keepalive@openssh.com') reply(false);
    else this.#requests.push({ ...request, reply });
  }

  #ask({ name, wantReply, payload }: ChannelRequest, answered: (success: boolean) => void): void {
    if (this.#sentClose || (this.#gotClose && wantReply)) {
      answered(false);
      return;
    }
    this.transport.send(this.#message(Message.channelRequest).string(name).boolean(wantReply).bytes(), payload);
    if (wantReply) this.#replies.push(answered);
  }

  /** The other side listens no longer, so we close as well (RFC 4254 section 5.3), at once unless told otherwise. */
  #onClose(): void {
    this.#gotClose = true;
    if (this.#sentClose) this.forget();
    else if (this.#answersClose) this.close();
    this.#finish();
  }

  #finish(): void {
    this.#events.end();
    this.#requests.end();
    for (const reply of this.#replies.splice(0)) reply(false);
    this.#wake();
    this.#settleClosed();
  }

  #wake(): void {
    for (const writer of this.#writers.splice(0)) writer();
  }

  #message(type: number): SshWriter {
    return new SshWriter().byte(type).uint32(this.ends.remoteId);
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
