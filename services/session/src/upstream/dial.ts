import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { DomainError } from '@sallyport/errors';

/**
 * A TCP connection to a target.
 * @throws DomainError `target.unreachable`, naming no address
 */
export function dial(host: string, port: number, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const fail = (cause: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      const reason = 'code' in cause && typeof cause.code === 'string' ? cause.code : 'no answer in time';
      reject(
        new DomainError('target.unreachable', `the host cannot be reached (${reason})`, { retryable: true, cause }),
      );
    };
    const timer = setTimeout(() => {
      fail(new Error('timeout'));
    }, timeoutMs);
    socket.once('error', fail).once('connect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}
