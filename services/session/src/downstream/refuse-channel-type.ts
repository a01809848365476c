import { SshReader } from '@sallyport/ssh-keys';
import { OpenFailureReason } from '@sallyport/ssh-wire';
import type { OpenRequest } from '@sallyport/ssh-wire';

/** Refuses a channel that is no session; for `ssh -J`, with what to type instead (A3). */
export function refuseChannelType(request: OpenRequest, traceId: string): void {
  request.refuse(OpenFailureReason.administrativelyProhibited, `${explain(request)} (id ${traceId})`);
}

function explain({ type, payload }: OpenRequest): string {
  if (type !== 'direct-tcpip') return 'sallyport: only sessions are permitted';
  return `sallyport: no forwarding here; type ssh USER@ACCOUNT@${wantedHost(payload)}@THIS-BASTION instead`;
}

/** string host to connect, uint32 port, … (RFC 4254 section 7.2) */
function wantedHost(payload: Buffer): string {
  try {
    const host = new SshReader(payload).text(255);
    return /^[^\s@+:/\p{C}]+$/u.test(host) ? host : 'HOST';
  } catch {
    return 'HOST';
  }
}
