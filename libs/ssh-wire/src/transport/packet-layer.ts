import { SshWriter } from '@sallyport/ssh-keys';
import Protocol from 'ssh2/lib/protocol/Protocol.js';
import type { Negotiated } from 'ssh2/lib/protocol/Protocol.js';
import utils from 'ssh2/lib/protocol/utils.js';
import { Message } from '../messages.js';
import { addPostQuantumKeyExchange } from './added-key-exchange.js';
import { makeOffer } from './algorithms.js';
import { extInfo } from './ext-info.js';
import type { HostKeys } from './host-keys.js';

addPostQuantumKeyExchange();

/** Which side of the connection we are, and what belongs to it. */
export type Role = { readonly hostKeys: HostKeys } | { readonly hostKeyAlgorithms: readonly string[] };

export interface PacketEvents {
  /** Bytes for the peer. */
  write(data: Buffer): void;
  /** A message of a layer above, type byte included. */
  message(payload: Buffer): void;
  /** The first exchange of keys, and each later one. */
  keysExchanged(): void;
  /** The peer said goodbye (RFC 4253 section 11.1). */
  disconnected(reason: number, text: string): void;
  /** The peer broke a rule; it has been told, and nothing can be sent any more. */
  failed(error: Error): void;
}

/** RFC 4253, by ssh2: identification, key exchange, encryption. The one place that touches what is private in ssh2. */
export class PacketLayer {
  readonly #protocol: Protocol;
  readonly #events: PacketEvents;
  #peerIdent = '';
  #peerHostKey: Buffer | undefined;
  #hostKeySignature: Buffer | undefined;
  #sessionId: Buffer | undefined;
  #negotiated: Negotiated | undefined;
  #waitingBytes = 0;

  constructor(role: Role, ident: string, events: PacketEvents) {
    this.#events = events;
    const shared = {
      ident,
      onWrite: (data: Buffer) => {
        events.write(data);
      },
      onError: (error: Error) => {
        events.failed(error);
      },
      onHeader: (header: { versions: { software: string } }) => (this.#peerIdent = header.versions.software),
      onHandshakeComplete: (negotiated: Negotiated) => {
        this.#negotiated = negotiated;
        this.#sessionId ??= Buffer.from(this.#protocol._kex.sessionID);
        this.#waitingBytes = 0;
        events.keysExchanged();
      },
      messageHandlers: {
        DISCONNECT: (_: unknown, reason: number, text: string) => {
          events.disconnected(reason, text);
        },
      },
    };
    this.#protocol = new Protocol(
      'hostKeys' in role
        ? { ...shared, server: true, hostKeys: role.hostKeys, offer: makeOffer(Object.keys(role.hostKeys)) }
        : { ...shared, offer: makeOffer(role.hostKeyAlgorithms), hostVerifier: (key) => this.#keepHostKey(key) },
    );
    this.#takeMessages();
    this.#offerSignatureAlgorithms();
  }

  /** Undefined until keys have been exchanged; then it never changes. */
  get sessionId(): Buffer | undefined {
    return this.#sessionId;
  }

  /** Only on the client's side. */
  get peerHostKey(): Buffer | undefined {
    return this.#peerHostKey;
  }

  /** The server's signature of the first exchange hash; only on the client's side. */
  get hostKeySignature(): Buffer | undefined {
    return this.#hostKeySignature;
  }

  get peerIdent(): string {
    return this.#peerIdent;
  }

  get negotiated(): Negotiated | undefined {
    return this.#negotiated;
  }

  /** Whether keys are being exchanged right now; what is sent meanwhile waits. */
  get exchanging(): boolean {
    return this.#protocol._kexinit !== undefined;
  }

  /** What waits to be sent until keys have been exchanged. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Number of the packet that was received last. */
  get lastReceived(): number {
    return (this.#protocol._decipher.inSeqno - 1) >>> 0;
  }

  /** Sends our identification line. */
  start(): void {
    this.#protocol.start?.();
  }

  /** @throws Error the bytes are no SSH */
  receive(chunk: Buffer): void {
    this.#protocol.parse(chunk, 0, chunk.length);
  }

  /** Sends one message, given in parts that are joined. @returns its length in bytes, encrypted */
  send(parts: readonly Uint8Array[]): number {
    const writer = this.#protocol._packetRW.write;
    const packet = writer.alloc(parts.reduce((sum, part) => sum + part.length, 0));
    let at = writer.allocStart;
    for (const part of parts) {
      packet.set(part, at);
      at += part.length;
    }
    if (this.exchanging) this.#waitingBytes += packet.length;
    utils.sendPacket(this.#protocol, writer.finalize(packet));
    return packet.length;
  }

  /** Says goodbye with a text, where the state of the key exchange lets us. */
  disconnect(reason: number, text: string): void {
    if (!this.#sessionId || this.exchanging) return;
    this.send([new SshWriter().byte(Message.disconnect).uint32(reason).string(text).string('').bytes()]);
  }

  rekey(): void {
    if (!this.exchanging) this.#protocol.rekey();
  }

  /** Lets go of keys. */
  free(): void {
    this.#protocol.cleanup();
  }

  /** Takes the messages of the layers above the transport away from ssh2, which would answer them itself. */
  #takeMessages(): void {
    const transportLayer = this.#protocol._onPayload;
    this.#protocol._onPayload = (payload) => {
      const type = payload[0] ?? 0;
      if (type < Message.serviceRequest || (type >= 20 && type < Message.userauthRequest)) {
        return transportLayer(payload);
      }
      this.#events.message(payload);
      return undefined;
    };
  }

  /** Replaces ssh2's own `server-sig-algs`, in which a comma is missing and SHA-1 is not. */
  #offerSignatureAlgorithms(): void {
    const complete = this.#protocol._onHandshakeComplete;
    this.#protocol._onHandshakeComplete = (negotiated) => {
      const { _kex: kex } = this.#protocol;
      const wanted = this.#sessionId === undefined && this.#peerHostKey === undefined && kex.remoteExtInfoEnabled;
      kex.remoteExtInfoEnabled = false;
      complete(negotiated);
      if (wanted) this.send([extInfo()]);
    };
  }

  /** ssh2 asks before it has checked the signature, so the verdict falls later; a rekey must show the same key again. */
  #keepHostKey(key: Buffer): boolean {
    this.#peerHostKey ??= Buffer.from(key);
    this.#hostKeySignature ??= Buffer.from(this.#protocol._kex._sig);
    return this.#peerHostKey.equals(key);
  }
}
