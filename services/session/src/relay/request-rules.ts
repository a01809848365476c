import type { ProtocolPolicy, SessionRestrictions } from '@sallyport/contracts';
import type { RequestMeaning } from '@sallyport/ssh-wire';

/** What happens to a channel request. */
export type RequestRule = { readonly kind: 'pass' } | { readonly kind: 'refuse'; readonly reason: string };

const pass: RequestRule = { kind: 'pass' };
const refuse = (reason: string): RequestRule => ({ kind: 'refuse', reason });

/** Requests of the client that the target may see. `signal`, `break`, `eow` and `xon-xoff` do no more than keys can do. */
const passed = new Set([
  'pty-req',
  'env',
  'shell',
  'exec',
  'window-change',
  'signal',
  'break',
  'xon-xoff',
  'eow@openssh.com',
]);
/** They let the target open channels to the client. */
const forwarding = new Map<string, 'agent' | 'x11'>([
  ['auth-agent-req@openssh.com', 'agent'],
  ['x11-req', 'x11'],
]);
/** Subsystems are programs that the server names; this one is known. */
const subsystems = new Set(['sftp']);

/** What a request lets the target open channels for, if it does. */
export function forwardedBy(name: string): 'agent' | 'x11' | undefined {
  return forwarding.get(name);
}

/** What the client may ask of the target (RFC 4254 section 6; OpenSSH's PROTOCOL). Everything that is not named is refused. */
export function ruleForClient(
  name: string,
  meaning: RequestMeaning,
  policy: ProtocolPolicy,
  restrictions: SessionRestrictions | undefined,
): RequestRule {
  if (name === 'pty-req' && restrictions?.terminal === false) {
    return refuse('the certificate does not permit a terminal (permit-pty)');
  }
  if (meaning.kind === 'subsystem') {
    return subsystems.has(meaning.subsystem) ? pass : refuse('this subsystem is not permitted');
  }
  const needed = forwardedBy(name);
  if (needed) return policy[needed] ? pass : refuse(`forwarding is not permitted (${needed})`);
  return passed.has(name) ? pass : refuse('this kind of request is not known');
}

/** What the target may tell the client beside data and exit, which have their own way. */
export function ruleForTarget(name: string): RequestRule {
  return name === 'eow@openssh.com' || name === 'xon-xoff' ? pass : refuse('this kind of request is not known');
}
