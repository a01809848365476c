import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AddressList } from '@sallyport/addresses';
import { Connection } from './connection/connection.js';
import type { ConnectionOptions } from './connection/connection.js';
import type { ConnectionLimitRules, ConnectionRefusal } from './door/connection-limits.js';
import { ConnectionLimits } from './door/connection-limits.js';
import { ProxyHeaderError } from './door/proxy-header.js';
import { readProxyHeader } from './door/read-proxy-header.js';
import { refuseConnection } from './door/refuse-connection.js';
import { DisconnectReason } from './messages.js';
import { SshError } from './ssh-error.js';
import type { HostKeys } from './transport/host-keys.js';
import { parseHostKeys } from './transport/host-keys.js';
import type { KeepaliveOptions } from './transport/keepalive.js';
import { Transport } from './transport/transport.js';
import type { TransportOptions } from './transport/transport.js';
import type { AuthAttempt } from './user-auth/auth-attempt.js';
import { sendBanner, serveUserAuth } from './user-auth/serve-user-auth.js';
import type { AuthVerdict } from './user-auth/serve-user-auth.js';

/** Why nobody is let in for now, whoever it is. */
export type Overload = 'too-many-sessions' | 'too-little-memory' | 'too-busy';

/** Why a client was sent away before it was authenticated. */
export type Refusal = ConnectionRefusal | Overload | 'draining' | 'bad-proxy-header' | 'too-slow';

/** For those who are exchanging keys when we close: they are told, where that is over soon. */
const ARRIVAL_MS = 2_000;

export interface SshServerOptions extends Omit<TransportOptions, 'handshakeTimeoutMs'>, ConnectionLimitRules {
  /** Private keys without passphrase, in OpenSSH or PEM form. */
  hostKeys: readonly string[];
  /** From the TCP connection to the end of authentication. */
  loginGraceMs: number;
  keepalive: KeepaliveOptions;
  /** Whose connections begin with a header of the PROXY protocol, version 2, and count for the client it names. */
  proxies?: AddressList;
  /** Asked for each connection, before anything is spent on it. */
  overload?: () => Overload | undefined;
  /** @returns the line for the user; it cannot be shown after a bad header of a proxy */
  onRefused?: (why: Refusal, address: string) => string;
}

/** Where a client's connection comes from. */
export interface Peer {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** A client's connection after the key exchange; nobody is authenticated yet. */
export class SshClient {
  /** Settles when the connection has ended. */
  readonly closed: Promise<SshError | undefined>;
  readonly remoteAddress: string;
  readonly remotePort: number;

  constructor(
    private readonly transport: Transport,
    peer: Peer,
    /** When its connection was accepted. */
    readonly connectedAt: Date,
    private readonly keepalive: KeepaliveOptions,
    private readonly authenticated: () => void,
  ) {
    this.closed = transport.closed;
    // An IPv4 client of a listener on `::` has an address that is mapped (RFC 4291 section 2.5.5.2).
    this.remoteAddress = peer.remoteAddress?.replace(/^::ffff:(?=[0-9.]+$)/, '') ?? 'unknown';
    this.remotePort = peer.remotePort ?? 0;
  }

  /** The exchange hash H of the first key exchange (RFC 4253 section 7.2). */
  get sessionId(): Buffer {
    return this.transport.sessionId;
  }

  /** The client's software version. */
  get ident(): string {
    return this.transport.peerIdent;
  }

  /** See serveUserAuth. */
  async authenticate(decide: (attempt: AuthAttempt) => Promise<AuthVerdict>): Promise<string> {
    const user = await serveUserAuth(this.transport, decide);
    this.authenticated();
    return user;
  }

  /** Text for the user, before the end of authentication. */
  banner(text: string): void {
    sendBanner(this.transport, text);
  }

  /** Starts the connection layer, once the user is authenticated. */
  serve(options: ConnectionOptions): Connection {
    return new Connection(this.transport, { keepalive: this.keepalive, ...options });
  }

  /** Says goodbye and closes; many clients show the text to their user. */
  disconnect(reason: DisconnectReason, text: string): void {
    this.transport.disconnect(reason, text);
  }
}

/** Listens for SSH clients, and hands each on when keys are exchanged. */
export class SshServer {
  readonly #server: Server;
  readonly #hostKeys: HostKeys;
  readonly #limits: ConnectionLimits;
  /** Those whose keys are not exchanged yet. */
  readonly #arriving = new Map<Socket, Promise<void>>();
  #closing = false;

  private constructor(
    private readonly options: SshServerOptions,
    private readonly onClient: (client: SshClient) => void,
  ) {
    this.#hostKeys = parseHostKeys(options.hostKeys);
    this.#limits = new ConnectionLimits(options);
    this.#server = createServer({ pauseOnConnect: true }, (socket) => {
      const arrived = this.#onSocket(socket).finally(() => this.#arriving.delete(socket));
      this.#arriving.set(socket, arrived);
    });
  }

  /** @throws Error a host key cannot be read, or the port cannot be had */
  static async listen(
    address: { host: string; port: number },
    options: SshServerOptions,
    onClient: (client: SshClient) => void,
  ): Promise<SshServer> {
    const server = new SshServer(options, onClient);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject).listen(address.port, address.host, resolve);
    });
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return address.port;
  }

  /**
   * Serves a client whose bytes come another way than by TCP, such as over a channel. It does not count as a connection.
   * @param stream ours from now on, also when this throws
   * @throws SshError the key exchange failed, or was not over in time
   */
  async accept(stream: Duplex, peer: Peer): Promise<SshClient> {
    const connectedAt = new Date();
    const grace = setTimeout(() => stream.destroy(), this.options.loginGraceMs);
    stream.once('close', () => {
      clearTimeout(grace);
    });
    const transport = await this.#exchangeKeys(stream);
    return new SshClient(transport, peer, connectedAt, this.options.keepalive, () => {
      clearTimeout(grace);
    });
  }

  /** Connections that are not authenticated. */
  get unauthenticated(): number {
    return this.#limits.waiting;
  }

  /** Takes no more connections; those that were handed on live on. Returns when nobody is on the way any more, soon in any case. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#server.close();
    const cut = setTimeout(() => {
      for (const socket of this.#arriving.keys()) socket.destroy();
    }, ARRIVAL_MS);
    await Promise.allSettled(this.#arriving.values());
    clearTimeout(cut);
  }

  async #onSocket(socket: Socket): Promise<void> {
    const connectedAt = new Date();
    let [address, transport]: [string | undefined, Transport | undefined] = [socket.remoteAddress, undefined];
    // Until a transport has it, nobody else listens; then the transport does as well.
    socket.on('error', () => socket.destroy());
    const late = setTimeout(() => {
      const line = this.#refused('too-slow', address);
      if (transport) transport.disconnect(DisconnectReason.noMoreAuthMethods, line);
      else socket.destroy();
    }, this.options.loginGraceMs);
    socket.once('close', () => {
      clearTimeout(late);
    });
    try {
      const peer = await this.#peerOf(socket);
      address = peer.remoteAddress;
      const place = this.options.overload?.() ?? this.#limits.admit(peer.remoteAddress);
      if (typeof place === 'string') {
        const { ident } = this.options;
        refuseConnection(socket, ident, DisconnectReason.tooManyConnections, this.#refused(place, address));
        return;
      }
      // Who knocks and says nothing, as health checks do, has not failed.
      const bytesBefore = socket.bytesRead;
      socket.once('close', () => {
        if (socket.bytesRead > bytesBefore) place.fail();
        else place.free();
      });
      transport = await this.#exchangeKeys(socket);
      const client = new SshClient(transport, peer, connectedAt, this.options.keepalive, () => {
        clearTimeout(late);
        place.free();
      });
      if (this.#closing) client.disconnect(DisconnectReason.serviceNotAvailable, this.#refused('draining', address));
      else this.onClient(client);
    } catch (error) {
      socket.destroy();
      // Scanners leave like this all day long.
      if (!(error instanceof SshError)) throw error;
    }
  }

  /** The client: at the other end of the socket, or of the proxy that is there. */
  async #peerOf(socket: Socket): Promise<Required<Peer> & { remoteAddress: string }> {
    const { remoteAddress = 'unknown', remotePort = 0 } = socket;
    if (!this.options.proxies?.includes(remoteAddress)) return { remoteAddress, remotePort };
    try {
      const client = await readProxyHeader(socket);
      return client ? { remoteAddress: client.address, remotePort: client.port } : { remoteAddress, remotePort };
    } catch (error) {
      if (!(error instanceof ProxyHeaderError)) throw error;
      this.#refused('bad-proxy-header', remoteAddress);
      throw new SshError('handshake', error.message, { cause: error });
    }
  }

  #refused(why: Refusal, address = 'unknown'): string {
    return this.options.onRefused?.(why, address) ?? why;
  }

  #exchangeKeys(stream: Duplex): Promise<Transport> {
    const handshake = { ...this.options, handshakeTimeoutMs: this.options.loginGraceMs };
    return Transport.accept(stream, this.#hostKeys, handshake);
  }
}
