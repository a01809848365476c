import type { ProtocolPolicy } from '@sallyport/contracts';
import type { Start } from './relay-channel.js';
import type { RequestRule } from './request-rules.js';

type Switch = 'shell' | 'exec' | 'sftp' | 'scp';

const names: Readonly<Record<Switch, string>> = {
  shell: 'a shell',
  exec: 'commands',
  sftp: 'sftp',
  scp: 'legacy scp',
};
/** Somewhere in the command, as a word of its own: `scp` with `-t` or `-f` after it. */
const scpInside = /(?:^|[^A-Za-z0-9_.-])scp(?: +-[A-Za-z-]+)*? +-[A-Za-z]*[tf]/;
const sftpInside = /(?:^|[^A-Za-z0-9_.-])(?:sftp-server|internal-sftp)(?:$|[^A-Za-z0-9_.-])/;

/**
 * Whether a policy permits what a client wants to start. Each start needs the switch of its kind; a command that starts the
 * far side of scp or sftp in passing needs that one as well.
 *
 * A heuristic in that last point: whoever may run commands can hide one from it (`$(echo scp) -t`), and can copy files without
 * either program (`cat >file`). Turn `exec` off to hold somebody to files (start-rules.spec.ts shows both).
 */
export function ruleForStart({ kind, command = '' }: Start, policy: ProtocolPolicy): RequestRule {
  if (kind === 'subsystem') return { kind: 'refuse', reason: 'no subsystem but sftp is permitted' };
  const denied = needed(kind, command).find((name) => !policy[name]);
  if (!denied) return { kind: 'pass' };
  return { kind: 'refuse', reason: `your authorization does not permit ${names[denied]} here (${denied})` };
}

function needed(kind: Switch, command: string): Switch[] {
  if (kind !== 'exec') return [kind];
  return [
    kind,
    ...(scpInside.test(command) ? ['scp' as const] : []),
    ...(sftpInside.test(command) ? ['sftp' as const] : []),
  ];
}
