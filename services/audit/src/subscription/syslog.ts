import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Channel, type Outgoing } from './channel.js';
import { isLoopback, type PermittedAddresses } from './permitted-address.js';
import { DeliveryError } from './retry-rule.js';
import { codeOf } from './webhook.js';

const timeoutMs = 15_000;
/** RFC 5424 section 6.2.1: "log audit". */
const facility = 13;
const [warning, notice] = [4, 5];
/** IANA's number for examples: nobody has registered one for Sallyport. */
const enterprise = 32_473;
const byteOrderMark = '\ufeff';

/**
 * One event as RFC 5424 has it, with its length before it (RFC 5425 section 4.3, RFC 6587 section 3.4.1).
 * @param host what sends: printable ASCII
 */
export function syslogFrame(event: Outgoing, host: string): string {
  const name = event.type.replace(/^io\.sallyport\.(.*)\.v\d+$/, '$1');
  const severity = /\.(refused|denied|.*failed)$/.test(name) ? warning : notice;
  const header = `<${facility * 8 + severity}>1 ${event.time} ${ascii(host, 255)} sallyport - ${ascii(name, 32)}`;
  const data = `[sallyport@${enterprise} sequence="${event.sequence}" id="${event.id}" source="${quoted(event.source)}"]`;
  const message = `${header} ${data} ${byteOrderMark}${event.json}`;
  return `${Buffer.byteLength(message)} ${message}`;
}

const ascii = (text: string, max: number): string => text.replace(/[^\x21-\x7e]/g, '_').slice(0, max) || '-';
const quoted = (text: string): string => text.replace(/["\\\]]/g, '\\$&');

/**
 * A connection to a syslog server, over TLS (RFC 5425) or, on loopback, TCP (RFC 6587). Syslog has no acknowledgement: what
 * the operating system had taken when the server went away is lost to it, and can be sent again from a sequence.
 */
export class Syslog extends Channel {
  private socket: Socket | undefined;
  private readonly url: URL;
  private readonly tls: boolean;

  /** @throws DeliveryError events may not be sent there */
  constructor(
    url: string,
    private readonly host: string,
    private readonly addresses: PermittedAddresses,
    /** PEM, besides those that Node trusts. */
    private readonly authority: string | undefined,
  ) {
    super();
    this.url = new URL(url);
    this.tls = this.url.protocol === 'syslog+tls:';
    if (!this.tls && !isLoopback(this.url.hostname))
      throw new DeliveryError('syslog+tcp: is for loopback only; use syslog+tls:');
    addresses.judgeHost(this.url.hostname);
  }

  override async send(event: Outgoing): Promise<void> {
    try {
      const socket = (this.socket ??= await this.connect());
      if (socket.errored ?? socket.closed) throw socket.errored ?? new Error('closed');
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new DeliveryError('takes nothing'));
        }, timeoutMs);
        socket.write(syslogFrame(event, this.host), (error) => {
          clearTimeout(timer);
          if (error) reject(error);
          else resolve();
        });
      });
    } catch (error) {
      this.close();
      throw error instanceof DeliveryError ? error : new DeliveryError(`cannot be reached (${codeOf(error)})`);
    }
  }

  override close(): void {
    this.socket?.destroy();
    this.socket = undefined;
  }

  private async connect(): Promise<Socket> {
    const host = this.url.hostname.replace(/^\[|\]$/g, '');
    const port = Number(this.url.port || 6_514);
    const options = { host, port, lookup: this.addresses.lookup };
    const socket = this.tls
      ? connectTls({ ...options, servername: host, ...(this.authority === undefined ? {} : { ca: this.authority }) })
      : connectTcp(options);
    socket.on('error', () => undefined); // told by `once`, and by the next write
    socket.on('data', () => undefined); // a server has nothing to say; its end must be noticed
    await once(socket, this.tls ? 'secureConnect' : 'connect', { signal: AbortSignal.timeout(timeoutMs) });
    return socket;
  }
}
