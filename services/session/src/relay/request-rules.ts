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
const refused = new Map([
  ['auth-agent-req@openssh.com', 'agent forwarding is not permitted'],
  ['x11-req', 'X11 forwarding is not permitted'],
]);
/** Subsystems are programs that the server names; this one is known, and passes as bytes. */
const subsystems = new Set(['sftp']);

/** What the client may ask of the target (RFC 4254 section 6; OpenSSH's PROTOCOL). Everything that is not named is refused. */
export function ruleForClient(name: string, meaning: RequestMeaning): RequestRule {
  if (meaning.kind === 'subsystem') {
    return subsystems.has(meaning.subsystem) ? pass : refuse('this subsystem is not permitted');
  }
  return passed.has(name) ? pass : refuse(refused.get(name) ?? 'this kind of request is not known');
}

/** What the target may tell the client beside data and exit, which have their own way. */
export function ruleForTarget(name: string): RequestRule {
  return name === 'eow@openssh.com' || name === 'xon-xoff' ? pass : refuse('this kind of request is not known');
}
