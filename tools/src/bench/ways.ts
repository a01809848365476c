import type { SshdHost } from '@sallyport/testing';
import type { WayName } from './results.js';

/** How to get to the target: arguments for `ssh` and `sftp`, the destination last. */
export interface Way {
  readonly name: WayName;
  readonly args: readonly string[];
}

export interface Ends {
  target: SshdHost;
  /** A plain sshd for `ssh -J`. */
  jump: SshdHost;
  sallyport: { port: number; user: string };
  /** Port of the bare relay (`bare-relay.ts`), where there is one. */
  bare: number | undefined;
  /** Of the account on target and jump host, and of the user of Sallyport. */
  keys: { account: string; user: string };
  account: string;
}

/** The same target, straight, through OpenSSH's own jump host, and through Sallyport. */
export function waysTo({ target, jump, bare, sallyport, keys, account }: Ends, cipher: string): readonly Way[] {
  const plain = (port: number, user: string, key: string): string[] => [
    ...['-F', 'none', '-c', cipher, '-i', key],
    ...options({
      Port: String(port),
      User: user,
      IdentitiesOnly: 'yes',
      BatchMode: 'yes',
      LogLevel: 'ERROR',
      StrictHostKeyChecking: 'no',
      UserKnownHostsFile: '/dev/null',
      GlobalKnownHostsFile: '/dev/null',
    }),
  ];
  const direct = plain(target.port, account, keys.account);
  // What `ssh -J` runs; written out, since -J takes no key and no options for the jump host.
  const proxy = ['ssh', ...plain(jump.port, account, keys.account), '-W', '%h:%p', jump.address].join(' ');
  return [
    { name: 'direct', args: [...direct, target.address] },
    { name: 'jump', args: [...direct, '-o', `ProxyCommand=${proxy}`, target.address] },
    ...(bare === undefined
      ? []
      : [{ name: 'bare' as const, args: [...plain(bare, account, keys.account), '127.0.0.1'] }]),
    { name: 'sallyport', args: [...plain(sallyport.port, sallyport.user, keys.user), '127.0.0.1'] },
  ];
}

function options(values: Record<string, string>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}
