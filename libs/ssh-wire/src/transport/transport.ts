import type { Socket } from 'node:net';
import { SshReader, SshWriter } from '@sallyport/ssh-keys';
import crypto from 'ssh2/lib/protocol/crypto.js';
import Protocol from 'ssh2/lib/protocol/Protocol.js';
import type { Negotiated } from 'ssh2/lib/protocol/Protocol.js';
import utils from 'ssh2/lib/protocol/utils.js';
import { DisconnectReason, Message } from '../messages.js';
import { SshError } from '../ssh-error.js';
import { clientSignatureAlgorithms, hostKeyAlgorithms, makeOffer } from './algorithms.js';
import type { HostKeys } from './host-keys.js';

export interface TransportOptions {
  /** Software version in our identification line, after `SSH-2.0-`. */
  ident: string;
  /** For the identification lines and the first key exchange together. */
  handshakeTimeoutMs: number;
  /** A new key exchange after so many bytes in both directions; 1 GiB unless told (RFC 4253 section 9). */
  rekeyAfterBytes?: number;
  /** …or after so long; one hour unless told. */
  rekeyAfterMs?: number;
}
type Role = { hostKeys: HostKeys } | { hostKeyAlgorithms: readonly string[] };
/** Gets the messages that are not the transport's own, type byte included. It may keep the payload. */
export type Receiver = (type: number, payload: Buffer) => void;

/** Messages that may wait for a receiver: enough for what a peer can send before it needs an answer. */
const BACKLOG_LIMIT = 64;
/** Above this many unsent bytes, writers wait: it bounds memory when a peer has a huge window and reads slowly. */
const CONGESTED_BYTES = 1024 * 1024;
/** Above this many unsent bytes we stop reading as well: the peer makes us answer and does not read the answers. */
const FLOODED_BYTES = 8 * 1024 * 1024;
/** For the last bytes of a connection that we end. */
const LINGER_MS = 2_000;

/** One SSH connection after its first key exchange (RFC 4253): messages in, messages out. ssh2 does the cryptography. */
export class Transport {
  /** Settles once, when nothing can be sent or received any more: with the error, or without one after a proper end. */
  readonly closed: Promise<SshError | undefined>;
  #settleClosed: (error: SshError | undefined) => void = () => undefined;
  #ended: { error: SshError | undefined } | undefined;
  readonly #protocol: Protocol;
  readonly #options: TransportOptions;
  #receiver: Receiver | undefined;
  #backlog: Buffer[] = [];
  readonly #drainWaiters: (() => void)[] = [];
  #corked = false;
  #bytesSinceKex = 0;
  #rekeyTimer: NodeJS.Timeout | undefined;
  #keepaliveTimer: NodeJS.Timeout | undefined;
  #heard = true;
  #peerIdent = '';
  #peerHostKey: Buffer | undefined;
  #sessionId: Buffer | undefined;
  #negotiated: Negotiated | undefined;
  #handshakeDone: () => void = () => undefined;

  private constructor(
    private readonly socket: Socket,
    role: Role,
    options: TransportOptions,
  ) {
    this.#options = options;
    this.closed = new Promise((resolve) => (this.#settleClosed = resolve));
    const shared = {
      ident: options.ident,
      onWrite: (data: Buffer) => {
        this.#write(data);
      },
      onError: (error: Error) => {
        this.#fail(new SshError(this.#sessionId ? 'protocol' : 'handshake', error.message, { cause: error }));
      },
      onHeader: (header: { versions: { software: string } }) => (this.#peerIdent = header.versions.software),
      onHandshakeComplete: (negotiated: Negotiated) => {
        this.#onKeysExchanged(negotiated);
      },
      messageHandlers: {
        DISCONNECT: (_: unknown, reason: number, text: string) => {
          this.#onDisconnect(reason, text);
        },
      },
    };
    this.#protocol =
      'hostKeys' in role
        ? new Protocol({
            ...shared,
            server: true,
            hostKeys: role.hostKeys,
            offer: makeOffer(Object.keys(role.hostKeys)),
          })
        : new Protocol({
            ...shared,
            offer: makeOffer(role.hostKeyAlgorithms),
            hostVerifier: (key) => this.#keepHostKey(key),
          });
    this.#takeMessages();
    this.#offerSignatureAlgorithms();
    this.#listen();
  }

  /** The server's side of a connection. @throws SshError `handshake`, `timeout`, `closed` */
  static accept(socket: Socket, hostKeys: HostKeys, options: TransportOptions): Promise<Transport> {
    return new Transport(socket, { hostKeys }, options).#handshake();
  }

  /**
   * The client's side. When it returns, the server has proved that it holds `peerHostKey`; whether that is the right key is
   * for the caller to say before anything secret is sent.
   * @param prefer host key algorithms to ask for first: those of the keys that are known for the server
   * @throws SshError `handshake`, `timeout`, `closed`
   */
  static connect(socket: Socket, options: TransportOptions, prefer: readonly string[] = []): Promise<Transport> {
    const known = hostKeyAlgorithms.filter((name) => prefer.includes(name));
    const others = hostKeyAlgorithms.filter((name) => !prefer.includes(name));
    return new Transport(socket, { hostKeyAlgorithms: [...known, ...others] }, options).#handshake();
  }

  /** The exchange hash H of the first key exchange (RFC 4253 section 7.2). It never changes. */
  get sessionId(): Buffer {
    return this.#known(this.#sessionId);
  }

  /** The host key blob (RFC 4253 section 6.6) that the server proved to hold; only on the client's side. */
  get peerHostKey(): Buffer {
    return this.#known(this.#peerHostKey);
  }

  /** The peer's software version, as in `SSH-2.0-<this>`. */
  get peerIdent(): string {
    return this.#peerIdent;
  }

  /** Cipher and key exchange in use. */
  get algorithms(): { kex: string; hostKey: string; sending: string; receiving: string } {
    const { kex, serverHostKey: hostKey, cs, sc } = this.#known(this.#negotiated);
    const [sending, receiving] = this.#peerHostKey ? [cs, sc] : [sc, cs];
    return { kex, hostKey, sending: sending.cipher, receiving: receiving.cipher };
  }

  /** Whether messages can still be sent. */
  get open(): boolean {
    return this.#ended === undefined;
  }

  /** Hands messages to `receiver` from now on, first those that waited; without one, they wait. */
  receive(receiver: Receiver | undefined): void {
    this.#receiver = receiver;
    if (!receiver) return;
    for (const payload of this.#backlog.splice(0)) this.#deliver(payload);
  }

  /** Sends one message, given in parts that are joined. Nothing happens once the connection has ended. */
  send(...parts: readonly Uint8Array[]): void {
    if (this.#ended) return;
    const writer = this.#protocol._packetRW.write;
    const packet = writer.alloc(parts.reduce((sum, part) => sum + part.length, 0));
    let at = writer.allocStart;
    for (const part of parts) {
      packet.set(part, at);
      at += part.length;
    }
    utils.sendPacket(this.#protocol, writer.finalize(packet));
    this.#count(packet.length);
  }

  /** True when so much waits to be sent that more should wait for `drained`. */
  get congested(): boolean {
    return this.socket.writableLength > CONGESTED_BYTES;
  }

  /** Returns when what waited has been sent, or the connection has ended. */
  async drained(): Promise<void> {
    if (!this.socket.writableNeedDrain || this.#ended) return;
    await new Promise<void>((resolve) => this.#drainWaiters.push(resolve));
  }

  /** Asks a silent peer for a sign of life every so often and gives it up after `maxMissed` questions without any. */
  startKeepalive(intervalMs: number, maxMissed: number): void {
    let missed = 0;
    this.#keepaliveTimer = setInterval(() => {
      missed = this.#heard ? 0 : missed + 1;
      this.#heard = false;
      if (missed > maxMissed) this.#fail(new SshError('timeout', 'the peer no longer answers'));
      else if (missed > 0) this.#protocol.ping();
    }, intervalMs);
  }

  /** Exchanges keys anew. The session goes on; ssh2 queues what is sent meanwhile. */
  rekey(): void {
    if (this.#ended || this.#protocol._kexinit) return;
    this.#protocol.rekey();
  }

  /** Says goodbye with a reason (RFC 4253 section 11.1) and closes; the peer may show `description` to its user. */
  disconnect(reason: DisconnectReason, description: string): void {
    if (this.#ended) return;
    if (this.#sessionId && !this.#protocol._kexinit) {
      this.send(new SshWriter().byte(Message.disconnect).uint32(reason).string(description).string('').bytes());
    }
    this.#end(undefined);
    this.#hangUp();
  }

  async #handshake(): Promise<this> {
    const deadline = setTimeout(() => {
      this.#fail(new SshError('timeout', 'the peer did not finish the key exchange in time'));
    }, this.#options.handshakeTimeoutMs);
    try {
      const done = new Promise<void>((resolve) => (this.#handshakeDone = resolve));
      await crypto.init;
      if (!this.#ended) this.#protocol.start?.();
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
    socket.setNoDelay(true);
    socket.pause();
    socket.on('data', (chunk: Buffer) => {
      this.#onBytes(chunk);
    });
    socket.on('drain', () => {
      socket.resume();
      this.#wakeWriters();
    });
    socket.on('error', (error) => {
      this.#fail(new SshError('closed', error.message, { cause: error }));
    });
    socket.on('close', () => {
      this.#end(undefined);
      this.#protocol.cleanup();
    });
    if (socket.destroyed) this.#end(new SshError('closed', 'the connection had ended'));
  }

  #onBytes(chunk: Buffer): void {
    if (this.#ended) return;
    this.#heard = true;
    this.#count(chunk.length);
    try {
      this.#protocol.parse(chunk, 0, chunk.length);
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      this.#fail(new SshError(this.#sessionId ? 'protocol' : 'handshake', cause.message, { cause }));
    }
    if (this.socket.writableLength > FLOODED_BYTES) this.socket.pause();
  }

  /** One writev for all that is sent in one turn of the event loop. */
  #write(data: Buffer): void {
    if (this.#ended || !this.socket.writable) return;
    if (!this.#corked) {
      this.#corked = true;
      this.socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        this.socket.uncork();
      });
    }
    this.socket.write(data);
  }

  /** Takes the messages of the layers above the transport away from ssh2, which would answer them itself. */
  #takeMessages(): void {
    const transportLayer = this.#protocol._onPayload;
    this.#protocol._onPayload = (payload) => {
      const type = payload[0] ?? 0;
      if (type < Message.serviceRequest || (type >= 20 && type < Message.userauthRequest)) {
        return transportLayer(payload);
      }
      this.#deliver(payload);
      return undefined;
    };
  }

  /** Replaces ssh2's own `server-sig-algs`, in which a comma is missing and SHA-1 is not. */
  #offerSignatureAlgorithms(): void {
    const complete = this.#protocol._onHandshakeComplete;
    this.#protocol._onHandshakeComplete = (negotiated) => {
      const { _kex: kex } = this.#protocol;
      const wanted = this.#sessionId === undefined && kex.remoteExtInfoEnabled;
      kex.remoteExtInfoEnabled = false;
      complete(negotiated);
      if (!wanted || this.#peerHostKey) return;
      const extInfo = new SshWriter().byte(Message.extInfo).uint32(1).string('server-sig-algs');
      this.send(extInfo.nameList(clientSignatureAlgorithms).bytes());
    };
  }

  #deliver(payload: Buffer): void {
    if (this.#ended) return;
    try {
      if (this.#receiver) this.#receiver(payload[0] ?? 0, payload);
      else if (this.#backlog.length < BACKLOG_LIMIT) this.#backlog.push(payload);
      else throw new SshError('protocol', 'too many messages at once');
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      this.disconnect(DisconnectReason.protocolError, cause.message);
    }
  }

  /** The answer to a message type nobody knows (RFC 4253 section 11.4); call it while handling that message. */
  sendUnimplemented(): void {
    const sequence = (this.#protocol._decipher.inSeqno - 1) >>> 0;
    this.send(new SshWriter().byte(Message.unimplemented).uint32(sequence).bytes());
  }

  #onKeysExchanged(negotiated: Negotiated): void {
    this.#negotiated = negotiated;
    this.#sessionId ??= Buffer.from(this.#protocol._kex.sessionID);
    this.#bytesSinceKex = 0;
    clearTimeout(this.#rekeyTimer);
    this.#rekeyTimer = setTimeout(() => {
      this.rekey();
    }, this.#options.rekeyAfterMs ?? 3_600_000).unref();
    this.#handshakeDone();
  }

  /** ssh2 asks before it has checked the signature, so the verdict falls later; a rekey must show the same key again. */
  #keepHostKey(key: Buffer): boolean {
    this.#peerHostKey ??= Buffer.from(key);
    return this.#peerHostKey.equals(key);
  }

  #onDisconnect(reason: number, text: string): void {
    const proper = reason === DisconnectReason.byApplication;
    this.#end(proper ? undefined : new SshError('closed', `the peer disconnected: ${text || `reason ${reason}`}`));
    this.#hangUp();
  }

  #count(bytes: number): void {
    this.#bytesSinceKex += bytes;
    if (this.#sessionId && this.#bytesSinceKex > (this.#options.rekeyAfterBytes ?? 2 ** 30)) this.rekey();
  }

  #fail(error: SshError): void {
    this.#end(error);
    this.#hangUp();
  }

  /** Closes when what we said last is out, and in any case soon. */
  #hangUp(): void {
    this.socket.destroySoon();
    setTimeout(() => this.socket.destroy(), LINGER_MS).unref();
  }

  #end(error: SshError | undefined): void {
    if (this.#ended) return;
    this.#ended = { error };
    clearTimeout(this.#rekeyTimer);
    clearInterval(this.#keepaliveTimer);
    this.#backlog = [];
    this.#wakeWriters();
    this.#settleClosed(error);
  }

  #wakeWriters(): void {
    for (const wake of this.#drainWaiters.splice(0)) wake();
  }

  #known<T>(value: T | undefined): T {
    if (value === undefined) throw new Error('not known before the key exchange, or on this side');
    return value;
  }
}

/** What a client tells of the signatures that the server takes (RFC 8308 section 3.1), or undefined. */
export function readSignatureAlgorithms(extInfo: Buffer): string[] | undefined {
  const reader = new SshReader(extInfo.subarray(1));
  for (let left = reader.uint32(); left > 0; left -= 1) {
    const name = reader.string().toString('latin1');
    const value = reader.string().toString('latin1');
    if (name === 'server-sig-algs') return value.split(',');
  }
  return undefined;
}
