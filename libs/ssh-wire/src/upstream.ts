import type { Duplex } from 'node:stream';
import { Connection } from './connection/connection.js';
import type { ConnectionOptions } from './connection/connection.js';
import type { DisconnectReason } from './messages.js';
import { DisconnectReason as Reason } from './messages.js';
import { SshError } from './ssh-error.js';
import type { KeepaliveOptions } from './transport/keepalive.js';
import { longestSilenceMs } from './transport/keepalive.js';
import { Transport } from './transport/transport.js';
import type { TransportOptions } from './transport/transport.js';
import { requestUserAuth } from './user-auth/request-user-auth.js';
import type { NextCredential } from './user-auth/request-user-auth.js';

export interface SshTargetOptions extends TransportOptions {
  /**
   * Called with the key blob that the server proved to hold, before anything about the user is sent. A rejection ends the
   * connection and is what `connect` throws.
   */
  verifyHostKey(hostKey: Buffer): Promise<void>;
  /** Host key algorithms to ask for first: those of the keys that are known. */
  preferHostKeyAlgorithms?: readonly string[];
  keepalive: KeepaliveOptions;
}

/** A server that we log on to, after the key exchange and with its host key verified. */
export class SshTarget {
  /** Settles when the connection has ended. */
  readonly closed: Promise<SshError | undefined>;

  private constructor(
    private readonly transport: Transport,
    private readonly keepalive: KeepaliveOptions,
  ) {
    this.closed = transport.closed;
  }

  /**
   * @param socket connected; it is ours from now on, also when this throws
   * @throws SshError `handshake`, `timeout`, `closed`; whatever `verifyHostKey` throws
   */
  static async connect(socket: Duplex, options: SshTargetOptions): Promise<SshTarget> {
    const transport = await Transport.connect(socket, options, options.preferHostKeyAlgorithms);
    try {
      await options.verifyHostKey(transport.peerHostKey);
    } catch (error) {
      transport.disconnect(Reason.hostKeyNotVerifiable, 'host key not verified');
      throw error;
    }
    if (!transport.open) throw (await transport.closed) ?? new SshError('closed', 'the server left');
    return new SshTarget(transport, options.keepalive);
  }

  /** The exchange hash H of this connection (RFC 4253 section 7.2). */
  get sessionId(): Buffer {
    return this.transport.sessionId;
  }

  /** The verified host key blob. */
  get hostKey(): Buffer {
    return this.transport.peerHostKey;
  }

  /** The signature of `sessionId` by the host key, as proof for others (see Transport). */
  get hostKeySignature(): Buffer {
    return this.transport.hostKeySignature;
  }

  /** Key exchange, host key algorithm and ciphers in use. */
  get algorithms(): Transport['algorithms'] {
    return this.transport.algorithms;
  }

  /** The server's software version. */
  get ident(): string {
    return this.transport.peerIdent;
  }

  /** See requestUserAuth; each answer may take as long as silence later. Afterwards, start the connection layer with `start`. */
  async authenticate(user: string, next: NextCredential): Promise<void> {
    await requestUserAuth(this.transport, user, next, longestSilenceMs(this.keepalive));
  }

  /** Starts the connection layer, once we are logged on. */
  start(options: ConnectionOptions = {}): Connection {
    return new Connection(this.transport, { keepalive: this.keepalive, ...options });
  }

  disconnect(reason: DisconnectReason, text: string): void {
    this.transport.disconnect(reason, text);
  }
}
