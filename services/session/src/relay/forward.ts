import type { EventData, ForwardOpened, ProtocolPolicy } from '@sallyport/contracts';
import { SshReader } from '@sallyport/ssh-keys';
import type { OpenRequest } from '@sallyport/ssh-wire';

/** What is asked for by opening a channel that is no session. */
export type Forward = Pick<EventData<typeof ForwardOpened>, 'kind' | 'destination' | 'origin'>;
type Kind = Forward['kind'];

/** The switch of the policy that each kind needs. */
export const neededSwitch = {
  'direct-tcpip': 'localForward',
  'forwarded-tcpip': 'remoteForward',
  'direct-streamlocal': 'streamlocal',
  'forwarded-streamlocal': 'streamlocal',
  agent: 'agent',
  x11: 'x11',
} as const satisfies Record<Kind, keyof ProtocolPolicy>;

const kinds = {
  client: new Map<string, Kind>([
    ['direct-tcpip', 'direct-tcpip'],
    ['direct-streamlocal@openssh.com', 'direct-streamlocal'],
  ]),
  target: new Map<string, Kind>([
    ['forwarded-tcpip', 'forwarded-tcpip'],
    ['forwarded-streamlocal@openssh.com', 'forwarded-streamlocal'],
    ['auth-agent@openssh.com', 'agent'],
    ['x11', 'x11'],
  ]),
};

/** Longest host name or path that is taken, in bytes; a path on Linux has at most 4,096. */
const LIMIT = 4_096;

/**
 * What a channel would forward, or undefined when its opener may not open one of its type.
 * @throws SshFormatError the payload is not what the type promises
 */
export function readForward(opener: 'client' | 'target', { type, payload }: OpenRequest): Forward | undefined {
  const kind = kinds[opener].get(type);
  return kind && { kind, ...ends(kind, new SshReader(payload)) };
}

/**
 * ```
 * direct-tcpip            string host, uint32 port, string originator address, uint32 originator port (RFC 4254 section 7.2)
 * forwarded-tcpip         string address, uint32 port, string originator address, uint32 originator port (section 7.2)
 * …-streamlocal           string path, … reserved (OpenSSH, PROTOCOL section 2.4)
 * x11                     string originator address, uint32 originator port (RFC 4254 section 6.3.2)
 * agent                   nothing
 * ```
 */
function ends(kind: Kind, reader: SshReader): Omit<Forward, 'kind'> {
  const place = (): string => hostAndPort(reader.string(LIMIT).toString('utf8'), reader.uint32());
  switch (kind) {
    case 'direct-tcpip':
    case 'forwarded-tcpip':
      return { destination: place(), origin: place() };
    case 'direct-streamlocal':
    case 'forwarded-streamlocal':
      return { destination: reader.string(LIMIT).toString('utf8') };
    case 'x11':
      return { origin: place() };
    case 'agent':
      return {};
  }
}

/** An IPv6 address goes into brackets, so that the port can be told from it. */
export function hostAndPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
