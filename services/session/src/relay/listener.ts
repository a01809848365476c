import type { EventData, ListenerRequested, ProtocolPolicy } from '@sallyport/contracts';
import { SshReader } from '@sallyport/ssh-keys';
import type { IncomingGlobalRequest } from '@sallyport/ssh-wire';
import { hostAndPort } from './forward.js';

/** What a client asks the target to listen on, or to stop listening on. */
export interface Listener extends Pick<EventData<typeof ListenerRequested>, 'kind' | 'address'> {
  readonly act: 'open' | 'close';
  /** 0: the target chooses. Absent for a socket. */
  readonly port?: number;
}

/** The switch of the policy that each kind needs. */
export const listenerSwitch = {
  tcpip: 'remoteForward',
  streamlocal: 'streamlocal',
} as const satisfies Record<Listener['kind'], keyof ProtocolPolicy>;

const LIMIT = 4_096;

/**
 * ```
 * [cancel-]tcpip-forward                    string address to bind, uint32 port (RFC 4254 section 7.1)
 * [cancel-]streamlocal-forward@openssh.com  string path (OpenSSH, PROTOCOL section 2.4)
 * ```
 * @returns undefined for every other request
 * @throws SshFormatError the payload is not what the name promises
 */
export function readListener({ name, payload }: Pick<IncomingGlobalRequest, 'name' | 'payload'>): Listener | undefined {
  const reader = new SshReader(payload);
  const act = name.startsWith('cancel-') ? 'close' : 'open';
  switch (name) {
    case 'tcpip-forward':
    case 'cancel-tcpip-forward': {
      const host = reader.string(LIMIT).toString('utf8');
      const port = reader.uint32();
      return { act, kind: 'tcpip', address: hostAndPort(host, port), port };
    }
    case 'streamlocal-forward@openssh.com':
    case 'cancel-streamlocal-forward@openssh.com':
      return { act, kind: 'streamlocal', address: reader.string(LIMIT).toString('utf8') };
    default:
      return undefined;
  }
}

/** The answer to a `tcpip-forward` with port 0 holds the port that was chosen: uint32 (RFC 4254 section 7.1). */
export function chosenPort(answer: Buffer | undefined): number | undefined {
  return answer && answer.length >= 4 ? answer.readUInt32BE() : undefined;
}
