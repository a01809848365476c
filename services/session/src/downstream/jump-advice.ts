import type { Forward } from '../relay/forward.js';

/** What OpenSSH gives for the origin of `-W`, which has none; `ssh -J` is made of it. */
const NO_ORIGIN_PORT = 65_535;

/** For somebody who wants to get to another host by `ssh -J` or `-W`: what to type instead (A3). Empty for all others. */
export function jumpAdvice({ kind, destination = '', origin = '' }: Forward): string {
  const [, host, port] = /^(.*):(\d+)$/s.exec(destination) ?? [];
  if (kind !== 'direct-tcpip' || host === undefined) return '';
  if (port !== '22' && !origin.endsWith(`:${NO_ORIGIN_PORT}`)) return '';
  const name = /^[^\s@+:/\p{C}]{1,255}$/u.test(host) ? host : 'HOST';
  return `; to log on to ${name} type ssh -J USER@THIS-BASTION ACCOUNT@${name}, or ssh USER@ACCOUNT@${name}@THIS-BASTION`;
}
