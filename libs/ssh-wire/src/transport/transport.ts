import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { SshWriter } from '@sallyport/ssh-keys';
import crypto from 'ssh2/lib/protocol/crypto.js';
import { DisconnectReason, Message } from '../messages.js';
import { SshError } from '../ssh-error.js';
import { hostKeyAlgorithms } from './algorithms.js';
import type { HostKeys } from './host-keys.js';
import { Inbox } from './inbox.js';
import type { Receiver } from './inbox.js';
import { Keepalive } from './keepalive.js';
import type { KeepaliveOptions } from './keepalive.js';
import { CONGESTED_BYTES, FLOODED_BYTES, Outbox } from './outbox.js';
import { PacketLayer } from './packet-layer.js';
import type { Role } from './packet-layer.js';
import { Rekeying } from './rekeying.js';
import type { RekeyOptions } from './rekeying.js';

export interface TransportOptions extends RekeyOptions {
  /** Software version in our identification line, after `SSH-2.0-`. */
  ident: string;
  /** For the identification lines and the first key exchange together. */
  handshakeTimeoutMs: number;
}
/** A server may send lines before its identification (RFC 4253 section 4.2): so much, and no more. */
const GREETING_LIMIT_BYTES = 65_536;

/** One SSH connection after its first key exchange (RFC 4253): messages in, messages out. */
export class Transport {
  /** Settles once, when nothing can be sent or received any more: with the error, or without one after a proper end. */
  readonly closed: Promise<SshError | undefined>;
  #settleClosed: (error: SshError | undefined) => void = () => undefined;
  #ended: { error: SshError | undefined } | undefined;
  readonly #packets: PacketLayer;
  readonly #outbox: Outbox;
  readonly #keepalive = new Keepalive();
  readonly #rekeying: Rekeying;
  readonly #inbox = new Inbox();
  #handshakeDone: () => void = () => undefined;

  private constructor(
    private readonly socket: Duplex,
    role: Role,
    private readonly options: TransportOptions,
  ) {
    this.closed = new Promise((resolve) => (this.#settleClosed = resolve));
    this.#outbox = new Outbox(socket);
    this.#rekeying = new Rekeying(options, {
      rekey: () => {
        this.rekey();
      },
      late: () => {
        this.#hangUp(new SshError('timeout', 'the peer did not finish a key exchange in time'));
      },
    });
    this.#packets = new PacketLayer(role, options.ident, {
      write: (data) => {
        if (!this.#ended) this.#outbox.write(data);
      },
      message: (payload) => {
        this.#deliver(payload);
      },
      keysExchanged: () => {
        this.#onKeysExchanged();
      },
      disconnected: (reason, text) => {
        this.#onDisconnected(reason, text);
      },
      failed: (error) => {
        this.#hangUp(this.#broken(error));
      },
    });
    this.#listen();
  }

  /** The server's side of a connection. @throws SshError `handshake`, `timeout`, `closed` */
  static accept(socket: Duplex, hostKeys: HostKeys, options: TransportOptions): Promise<Transport> {
    return new Transport(socket, { hostKeys }, options).#handshake();
  }

  /**
   * The client's side. When it returns, the server has proved that it holds `peerHostKey`; whether that is the right key is
   * for the caller to say before anything secret is sent.
   * @param prefer host key algorithms to ask for first: those of the keys that are known for the server
   * @throws SshError `handshake`, `timeout`, `closed`
   */
  static connect(socket: Duplex, options: TransportOptions, prefer: readonly string[] = []): Promise<Transport> {
    const known = hostKeyAlgorithms.filter((name) => prefer.includes(name));
    const others = hostKeyAlgorithms.filter((name) => !prefer.includes(name));
    return new Transport(socket, { hostKeyAlgorithms: [...known, ...others] }, options).#handshake();
  }

  /** The exchange hash H of the first key exchange (RFC 4253 section 7.2). It never changes. */
  get sessionId(): Buffer {
    return known(this.#packets.sessionId);
  }

  /** The host key blob (RFC 4253 section 6.6) that the server proved to hold; only on the client's side. */
  get peerHostKey(): Buffer {
    return known(this.#packets.peerHostKey);
  }

  /**
   * The signature of `sessionId` by the server's host key (`string algorithm, string signature`, RFC 4253 section 8): shows a third party that
   * the owner of the key took part in this very exchange. Only on the client's side.
   */
  get hostKeySignature(): Buffer {
    return known(this.#packets.hostKeySignature);
  }

  /** The peer's software version, as in `SSH-2.0-<this>`. */
  get peerIdent(): string {
    return this.#packets.peerIdent;
  }

  /** Key exchange, host key algorithm and ciphers in use. */
  get algorithms(): { kex: string; hostKey: string; sending: string; receiving: string } {
    const { kex, serverHostKey: hostKey, cs, sc } = known(this.#packets.negotiated);
    const [sending, receiving] = this.#packets.peerHostKey ? [cs, sc] : [sc, cs];
    return { kex, hostKey, sending: sending.cipher, receiving: receiving.cipher };
  }

  /** Whether messages can still be sent. */
  get open(): boolean {
    return this.#ended === undefined;
  }

  /** Hands messages to `receiver` from now on, first those that waited; without one, they wait. */
  receive(receiver: Receiver | undefined): void {
    for (const payload of this.#inbox.receive(receiver)) this.#deliver(payload);
  }

  /** Sends one message, given in parts that are joined. Nothing happens once the connection has ended. */
  send(...parts: readonly Uint8Array[]): void {
    if (this.#ended) return;
    this.#count(this.#packets.send(parts));
    // Whoever writes much waits; these are answers that the peer makes us give, and requests that no window holds back.
    if (this.#packets.waitingBytes > FLOODED_BYTES) {
      this.#hangUp(new SshError('protocol', 'the peer does not finish a key exchange'));
    }
  }

  /** The answer to a message type nobody knows (RFC 4253 section 11.4); call it while handling that message. */
  sendUnimplemented(): void {
    this.send(new SshWriter().byte(Message.unimplemented).uint32(this.#packets.lastReceived).bytes());
  }

  /** True when so much waits to be sent that more should wait for `drained`. */
  get congested(): boolean {
    return this.#outbox.congested || this.#waitsForKeys;
  }

  /** Returns when what waited has been sent, or the connection has ended. */
  async drained(): Promise<void> {
    if (!this.#ended && this.#waitsForKeys) await this.#rekeying.over();
    if (!this.#ended) await this.#outbox.drained();
  }

  get #waitsForKeys(): boolean {
    return this.#packets.waitingBytes > CONGESTED_BYTES;
  }

  /**
   * Asks a silent peer for a sign of life every so often, and gives it up when there is none.
   * @param ask sends a question that every peer answers
   */
  startKeepalive(options: KeepaliveOptions, ask: () => void): void {
    if (this.#ended) return;
    this.#keepalive.start(options, ask, () => {
      this.giveUp();
    });
  }

  /** Closes without a goodbye: the peer did not answer in time. */
  giveUp(): void {
    this.#hangUp(new SshError('timeout', 'the peer no longer answers'));
  }

  /** Exchanges keys anew. The session goes on; what is sent meanwhile waits. */
  rekey(): void {
    if (this.#ended) return;
    this.#packets.rekey();
    this.#watchRekey();
  }

  /** Says goodbye with a reason (RFC 4253 section 11.1) and closes; the peer may show `text` to its user. */
  disconnect(reason: DisconnectReason, text: string): void {
    if (this.#ended) return;
    this.#packets.disconnect(reason, text);
    this.#hangUp(undefined);
  }

  async #handshake(): Promise<this> {
    const deadline = setTimeout(() => {
      this.#hangUp(new SshError('timeout', 'the peer did not finish the key exchange in time'));
    }, this.options.handshakeTimeoutMs);
    try {
      const done = new Promise<void>((resolve) => (this.#handshakeDone = resolve));
      await crypto.init;
      if (!this.#ended) this.#packets.start();
      this.socket.resume();
      await Promise.race([done, this.closed]);
      if (this.#ended) throw this.#ended.error ?? new SshError('closed', 'the peer left during the key exchange');
      return this;
    } finally {
      clearTimeout(deadline);
    }
  }

  #listen(): void {
    const { socket } = this;
    if (socket instanceof Socket) socket.setNoDelay(true);
    socket.pause();
    socket.on('data', (chunk: Buffer) => {
      this.#onBytes(chunk);
    });
    socket.on('error', (error) => {
      this.#hangUp(new SshError('closed', error.message, { cause: error }));
    });
    socket.on('close', () => {
      this.#end(undefined);
      this.#packets.free();
    });
    if (socket.destroyed) this.#end(new SshError('closed', 'the connection had ended'));
  }

  #onBytes(chunk: Buffer): void {
    if (this.#ended) return;
    this.#keepalive.heard();
    this.#count(chunk.length);
    try {
      this.#packets.receive(chunk);
      if (this.#packets.peerIdent === '' && this.#rekeying.bytesSinceKex > GREETING_LIMIT_BYTES) {
        throw new Error('the peer does not say that it speaks SSH');
      }
    } catch (error) {
      this.#hangUp(this.#broken(asError(error)));
    }
    this.#watchRekey();
    this.#outbox.pauseWhenFlooded();
  }

  #watchRekey(): void {
    if (!this.#ended && this.#packets.sessionId && this.#packets.exchanging) this.#rekeying.begun();
  }

  #deliver(payload: Buffer): void {
    if (this.#ended) return;
    try {
      this.#inbox.deliver(payload);
    } catch (error) {
      this.disconnect(DisconnectReason.protocolError, asError(error).message);
    }
  }

  #onKeysExchanged(): void {
    this.#rekeying.finished();
    this.#handshakeDone();
  }

  #onDisconnected(reason: number, text: string): void {
    const proper = reason === DisconnectReason.byApplication;
    this.#hangUp(proper ? undefined : new SshError('closed', `the peer disconnected: ${text || `reason ${reason}`}`));
  }

  #count(bytes: number): void {
    if (this.#rekeying.count(bytes) && this.#packets.sessionId) this.rekey();
  }

  #broken(cause: Error): SshError {
    return new SshError(this.#packets.sessionId ? 'protocol' : 'handshake', cause.message, { cause });
  }

  #hangUp(error: SshError | undefined): void {
    this.#end(error);
    this.#outbox.hangUp();
  }

  #end(error: SshError | undefined): void {
    if (this.#ended) return;
    this.#ended = { error };
    this.#rekeying.stop();
    this.#keepalive.stop();
    this.#inbox.clear();
    this.#settleClosed(error);
  }
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('not known before the key exchange, or on this side');
  return value;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
