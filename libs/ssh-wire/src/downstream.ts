import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Connection } from './connection/connection.js';
import type { ConnectionOptions } from './connection/connection.js';
import type { DisconnectReason } from './messages.js';
import { SshError } from './ssh-error.js';
import type { HostKeys } from './transport/host-keys.js';
import { parseHostKeys } from './transport/host-keys.js';
import type { KeepaliveOptions } from './transport/keepalive.js';
import { Transport } from './transport/transport.js';
import type { TransportOptions } from './transport/transport.js';
import type { AuthAttempt } from './user-auth/auth-attempt.js';
import { sendBanner, serveUserAuth } from './user-auth/serve-user-auth.js';
import type { AuthVerdict } from './user-auth/serve-user-auth.js';

export interface SshServerOptions extends Omit<TransportOptions, 'handshakeTimeoutMs'> {
  /** Private keys without passphrase, in OpenSSH or PEM form. */
  hostKeys: readonly string[];
  /** From the TCP connection to the end of authentication. */
  loginGraceMs: number;
  /** Connections that are not authenticated yet; further ones are closed at once. */
  maxUnauthenticated: number;
  keepalive: KeepaliveOptions;
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
  #unauthenticated = 0;

  private constructor(
    private readonly options: SshServerOptions,
    private readonly onClient: (client: SshClient) => void,
  ) {
    this.#hostKeys = parseHostKeys(options.hostKeys);
    this.#server = createServer({ pauseOnConnect: true }, (socket) => {
      void this.#onSocket(socket);
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

  /** Takes no more connections; those that are there live on. */
  close(): void {
    this.#server.close();
  }

  async #onSocket(socket: Socket): Promise<void> {
    const connectedAt = new Date();
    if (this.#unauthenticated >= this.options.maxUnauthenticated) {
      socket.destroy();
      return;
    }
    this.#unauthenticated += 1;
    const grace = setTimeout(() => socket.destroy(), this.options.loginGraceMs);
    const counted = once(() => {
      clearTimeout(grace);
      this.#unauthenticated -= 1;
    });
    socket.once('close', counted);
    try {
      const transport = await this.#exchangeKeys(socket);
      this.onClient(new SshClient(transport, socket, connectedAt, this.options.keepalive, counted));
    } catch (error) {
      socket.destroy();
      // Scanners and health checks leave like this all day long.
      if (!(error instanceof SshError)) throw error;
    }
  }

  #exchangeKeys(stream: Duplex): Promise<Transport> {
    const handshake = { ...this.options, handshakeTimeoutMs: this.options.loginGraceMs };
    return Transport.accept(stream, this.#hostKeys, handshake);
  }
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
