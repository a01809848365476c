import { isIPv4 } from 'node:net';

/** Who is at the other end of a proxy; undefined: the proxy itself, as for its health checks. */
export interface ProxiedClient {
  readonly address: string;
  readonly port: number;
}

/** What came is no header of the PROXY protocol, version 2, or one that we do not take. */
export class ProxyHeaderError extends Error {
  override readonly name = 'ProxyHeaderError';
}

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
/** Signature, version and command, family and protocol, length. */
export const FIXED_BYTES = 16;
/** Addresses and extensions (TLVs) together; 65,535 would be legal. */
const LIMIT_BYTES = 4_096;

const VERSION = 2;
const Command = { local: 0, proxy: 1 } as const;
const TCP_OVER_IPV4 = 0x11;
const TCP_OVER_IPV6 = 0x21;

/**
 * How many bytes follow the fixed part.
 *
 * ```
 * 12 bytes  signature
 * 4 bits    version, 2
 * 4 bits    command: 0 LOCAL, 1 PROXY
 * byte      family and protocol: 0x11 TCP over IPv4, 0x21 TCP over IPv6
 * uint16    length of what follows: addresses, then extensions, which are skipped
 * ```
 * PROXY protocol, section 2.2.
 * @param fixed 16 bytes
 * @throws ProxyHeaderError
 */
export function proxyHeaderLength(fixed: Buffer): number {
  if (fixed.length !== FIXED_BYTES || !fixed.subarray(0, SIGNATURE.length).equals(SIGNATURE))
    throw new ProxyHeaderError('no header of the PROXY protocol, version 2');
  if (fixed.readUInt8(12) >> 4 !== VERSION) throw new ProxyHeaderError('another version of the PROXY protocol');
  const length = fixed.readUInt16BE(14);
  if (length > LIMIT_BYTES) throw new ProxyHeaderError(`a PROXY header of more than ${LIMIT_BYTES} bytes`);
  return length;
}

/**
 * The client that a header names.
 *
 * ```
 * 4 or 16 bytes  source address
 * 4 or 16 bytes  destination address
 * uint16         source port
 * uint16         destination port
 * ...            extensions
 * ```
 * @param fixed 16 bytes that `proxyHeaderLength` took
 * @param rest as many as it said
 * @throws ProxyHeaderError not for TCP: what may be refused, section 2.2, is
 */
export function parseProxyHeader(fixed: Buffer, rest: Buffer): ProxiedClient | undefined {
  const command = fixed.readUInt8(12) & 0x0f;
  if (command === Command.local) return undefined;
  if (command !== Command.proxy) throw new ProxyHeaderError('an unknown command of the PROXY protocol');
  const family = fixed.readUInt8(13);
  if (family !== TCP_OVER_IPV4 && family !== TCP_OVER_IPV6) throw new ProxyHeaderError('a PROXY header not for TCP');
  const bytes = family === TCP_OVER_IPV4 ? 4 : 16;
  if (rest.length < 2 * bytes + 4) throw new ProxyHeaderError('a PROXY header without its addresses');
  const source = rest.subarray(0, bytes);
  return { address: bytes === 4 ? source.join('.') : ipv6(source), port: rest.readUInt16BE(2 * bytes) };
}

/** An IPv4 client of an IPv6 proxy has an address that is mapped (RFC 4291 section 2.5.5.2). */
function ipv6(bytes: Buffer): string {
  const mapped = bytes.subarray(12).join('.');
  if (bytes.subarray(0, 12).equals(Buffer.from('00000000000000000000ffff', 'hex')) && isIPv4(mapped)) return mapped;
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16));
  // In the one form that RFC 5952 gives it, as everywhere else.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
