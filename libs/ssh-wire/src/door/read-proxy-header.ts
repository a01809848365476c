import type { Socket } from 'node:net';
import type { ProxiedClient } from './proxy-header.js';
import { FIXED_BYTES, parseProxyHeader, proxyHeaderLength, ProxyHeaderError } from './proxy-header.js';

/**
 * Takes the header off a connection from a proxy; what follows it stays to be read, and the socket paused. Whoever waits
 * for it ends the socket when it takes too long.
 * @returns the client, or undefined when the proxy speaks for itself
 * @throws ProxyHeaderError it is none, or the connection ended before its end
 */
export function readProxyHeader(socket: Socket): Promise<ProxiedClient | undefined> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const stop = (): void => {
      socket.pause().off('data', onData).off('end', onEnd).off('close', onEnd);
    };
    const onEnd = (): void => {
      stop();
      reject(new ProxyHeaderError('a PROXY header that ends early'));
    };
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      try {
        const header = split(bytes);
        if (!header) return;
        const client = parseProxyHeader(header.fixed, header.rest);
        stop();
        if (header.behind.length > 0) socket.unshift(header.behind);
        resolve(client);
      } catch (error) {
        stop();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    socket.on('data', onData).on('end', onEnd).on('close', onEnd).resume();
  });
}

/** @returns undefined while bytes are missing; there are never more than one chunk too many. */
function split(bytes: Buffer): { fixed: Buffer; rest: Buffer; behind: Buffer } | undefined {
  if (bytes.length < FIXED_BYTES) return undefined;
  const fixed = bytes.subarray(0, FIXED_BYTES);
  const end = FIXED_BYTES + proxyHeaderLength(fixed);
  if (bytes.length < end) return undefined;
  return { fixed, rest: bytes.subarray(FIXED_BYTES, end), behind: bytes.subarray(end) };
}
