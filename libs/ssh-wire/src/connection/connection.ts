import { SshReader, SshWriter } from '@sallyport/ssh-keys';
import { Message } from '../messages.js';
import { SshError } from '../ssh-error.js';
import type { KeepaliveOptions } from '../transport/keepalive.js';
import type { Transport } from '../transport/transport.js';
import { Channel } from './channel.js';
import { flowOf } from './flow.js';
import type { FlowOptions } from './flow.js';
import type { GlobalAnswer, IncomingGlobalRequest } from './global-requests.js';
import { GlobalRequests } from './global-requests.js';
import { ChannelOpenFailure, OpenFailureReason } from './open-failure.js';

export interface ConnectionOptions extends FlowOptions {
  /** Open at once, those that are being opened included; 256 unless told. */
  maxChannels?: number;
  /** The other side asks for a channel. Without a handler every one is refused. */
  onOpen?: (request: OpenRequest) => void;
  /** A global request of the other side that is not about the connection itself. Without a handler every one is refused. */
  onGlobalRequest?: (request: IncomingGlobalRequest) => void;
  /** Notices when the other side has vanished. */
  keepalive?: KeepaliveOptions;
}

/** The other side asks for a channel (RFC 4254 section 5.1). Answer once, now or later. */
export interface OpenRequest {
  readonly type: string;
  /** What follows the fields that every type has. */
  readonly payload: Buffer;
  accept(): Channel;
  /** @param reason see OpenFailureReason */
  refuse(reason: number, description: string): void;
}

interface Opening {
  opened: (channel: Channel) => void;
  failed: (error: Error) => void;
}

/** Every peer answers it, if only to say that it does not know it. */
const KEEPALIVE = 'keepalive@openssh.com';

/** The connection layer (RFC 4254) over an authenticated transport: opens channels and sorts messages to them. */
export class Connection {
  readonly #channels = new Map<number, Channel>();
  readonly #opening = new Map<number, Opening>();
  /** Channels that the other side asked for and that are not answered. */
  #asked = 0;
  readonly #globalRequests: GlobalRequests;
  readonly #flow: Required<FlowOptions>;
  #nextId = 0;
  #noMoreSessions = false;
  #ended = false;

  constructor(
    private readonly transport: Transport,
    private readonly options: ConnectionOptions = {},
  ) {
    this.#flow = flowOf(options);
    this.#globalRequests = new GlobalRequests(transport, (request) => {
      this.#onGlobalRequest(request);
    });
    void transport.closed.then((error) => {
      this.#end(error);
    });
    if (options.keepalive) {
      transport.startKeepalive(options.keepalive, () => void this.#globalRequests.ask(KEEPALIVE));
    }
    transport.receive((type, payload) => {
      this.#handle(type, payload);
    });
  }

  /** Channels that are open. */
  get channelCount(): number {
    return this.#channels.size;
  }

  /**
   * Asks the other side for a channel.
   * @param payload what follows the fields that every type has; nothing for `session`
   * @throws ChannelOpenFailure the other side refused
   * @throws SshError `closed` the connection ended
   */
  open(type: string, payload: Uint8Array = Buffer.alloc(0)): Promise<Channel> {
    return new Promise((opened, failed) => {
      if (this.#ended) {
        failed(new SshError('closed', 'the connection has ended'));
        return;
      }
      const id = this.#takeId();
      this.#opening.set(id, { opened, failed });
      const head = new SshWriter().byte(Message.channelOpen).string(type).uint32(id);
      this.transport.send(head.uint32(this.#flow.windowBytes).uint32(this.#flow.packetBytes).bytes(), payload);
    });
  }

  /** Sends a global request that wants an answer. @returns a failure also when the connection ends before the answer */
  request(name: string, payload?: Uint8Array): Promise<GlobalAnswer> {
    return this.#globalRequests.ask(name, payload);
  }

  #handle(type: number, payload: Buffer): void {
    if (type >= Message.userauthRequest && type < Message.globalRequest) return; // RFC 4252 section 5.1: silently ignored
    if (type === Message.extInfo) return;
    const reader = new SshReader(payload.subarray(1));
    switch (type) {
      case Message.globalRequest:
        this.#globalRequests.handle(payload);
        return;
      case Message.requestSuccess:
      case Message.requestFailure:
        this.#globalRequests.handleAnswer(type === Message.requestSuccess, payload);
        return;
      case Message.ping:
        this.transport.send(Buffer.of(Message.pong), payload.subarray(1));
        return;
      case Message.channelOpen:
        this.#onOpen(payload, reader);
        return;
      case Message.channelOpenConfirmation:
        this.#onConfirmation(reader);
        return;
      case Message.channelOpenFailure:
        this.#takeOpening(reader.uint32()).failed(
          new ChannelOpenFailure(reader.uint32(), reader.string().toString('utf8')),
        );
        return;
      default:
        if (type < Message.channelWindowAdjust || type > Message.channelFailure) this.transport.sendUnimplemented();
        else this.#channels.get(reader.uint32())?.handle(type, payload);
    }
  }

  #onGlobalRequest(request: IncomingGlobalRequest): void {
    if (request.name === 'no-more-sessions@openssh.com') {
      this.#noMoreSessions = true;
      request.reply({ success: true });
    } else if (request.name === KEEPALIVE || !this.options.onGlobalRequest) {
      request.reply({ success: false });
    } else {
      this.options.onGlobalRequest(request);
    }
  }

  /** byte, string type, uint32 sender, uint32 window, uint32 maximum packet, then by type */
  #onOpen(payload: Buffer, reader: SshReader): void {
    const type = reader.text(256);
    const remoteId = reader.uint32();
    const remoteWindowBytes = reader.uint32();
    const remotePacketBytes = Math.min(reader.uint32(), this.#flow.packetBytes);
    if (remotePacketBytes === 0) throw new SshError('protocol', 'a channel must carry packets');
    const refuse = (reason: number, description: string): void => {
      const failure = new SshWriter().byte(Message.channelOpenFailure).uint32(remoteId).uint32(reason);
      this.transport.send(failure.string(description).string('').bytes());
    };
    if (type === 'session' && this.#noMoreSessions) {
      refuse(OpenFailureReason.administrativelyProhibited, 'no more sessions, as you asked');
      return;
    }
    if (this.#channels.size + this.#opening.size + this.#asked >= (this.options.maxChannels ?? 256)) {
      refuse(OpenFailureReason.resourceShortage, 'too many channels on one connection');
      return;
    }
    if (!this.options.onOpen) {
      refuse(OpenFailureReason.administrativelyProhibited, 'not allowed here');
      return;
    }
    this.#asked += 1;
    this.options.onOpen({
      type,
      payload: payload.subarray(payload.length - reader.remainingBytes),
      accept: () => {
        this.#asked -= 1;
        return this.#accept({ remoteId, remoteWindowBytes, remotePacketBytes });
      },
      refuse: (reason, description) => {
        this.#asked -= 1;
        refuse(reason, description);
      },
    });
  }

  #accept(remote: { remoteId: number; remoteWindowBytes: number; remotePacketBytes: number }): Channel {
    const localId = this.#takeId();
    const channel = this.#add(localId, remote);
    const confirmation = new SshWriter().byte(Message.channelOpenConfirmation).uint32(remote.remoteId).uint32(localId);
    this.transport.send(confirmation.uint32(this.#flow.windowBytes).uint32(this.#flow.packetBytes).bytes());
    return channel;
  }

  /** byte, uint32 recipient, uint32 sender, uint32 window, uint32 maximum packet */
  #onConfirmation(reader: SshReader): void {
    const localId = reader.uint32();
    const opening = this.#takeOpening(localId);
    const remoteId = reader.uint32();
    const remoteWindowBytes = reader.uint32();
    const remotePacketBytes = Math.min(reader.uint32(), this.#flow.packetBytes);
    if (remotePacketBytes === 0) throw new SshError('protocol', 'a channel must carry packets');
    opening.opened(this.#add(localId, { remoteId, remoteWindowBytes, remotePacketBytes }));
  }

  #add(localId: number, remote: { remoteId: number; remoteWindowBytes: number; remotePacketBytes: number }): Channel {
    const ends = { ...remote, localId, localWindowBytes: this.#flow.windowBytes };
    const channel = new Channel(this.transport, ends, () => this.#channels.delete(localId));
    if (this.#ended) channel.lose();
    else this.#channels.set(localId, channel);
    return channel;
  }

  #takeOpening(id: number): Opening {
    const opening = this.#opening.get(id);
    if (!opening) throw new SshError('protocol', 'an answer to a channel that nobody asked for');
    this.#opening.delete(id);
    return opening;
  }

  #takeId(): number {
    const id = this.#nextId;
    this.#nextId = (this.#nextId + 1) % 2 ** 32;
    return id;
  }

  #end(error: SshError | undefined): void {
    this.#ended = true;
    const lost = error ?? new SshError('closed', 'the connection has ended');
    for (const { failed } of this.#opening.values()) failed(lost);
    for (const channel of this.#channels.values()) channel.lose();
    this.#globalRequests.end();
    this.#opening.clear();
    this.#channels.clear();
  }
}
