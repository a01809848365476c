import type { Duplex } from 'node:stream';
import { SshReader } from '@sallyport/ssh-keys';
import { ChannelStream, DisconnectReason, OpenFailureReason, SshError } from '@sallyport/ssh-wire';
import type { AuthVerdict, Connection, FlowOptions, OpenRequest, Peer, SshClient } from '@sallyport/ssh-wire';
import type { Target, TargetSession, Visitor } from './target-session.js';

/** Serves SSH that comes over a channel. */
export type AcceptSsh = (stream: Duplex, peer: Peer) => Promise<SshClient>;

export interface JumpParts {
  readonly accept: AcceptSsh;
  /** Whose connection the channel is on. */
  readonly visitor: Visitor;
  readonly flow: FlowOptions;
  /** Aborts when the connection around it ends. */
  readonly ended: AbortSignal;
  /** Makes a session of it. */
  readonly visit: (
    visitor: Visitor,
    target: Target,
    during: (session: TargetSession) => Promise<void>,
  ) => Promise<void>;
}

/** Longest name of a host or an account, in bytes. */
const LIMIT_BYTES = 255;

/**
 * `ssh -J USER@BASTION ACCOUNT@HOST`: the client opens `direct-tcpip` to the host and speaks SSH over it. That SSH ends here: the
 * bastion shows its own host key, and logs on at the host with the credential from KMS. Who asks was proved on the connection
 * around it, and nobody else can open channels on that, so the client inside proves nothing more. Returns when it is over.
 */
export async function jump(request: OpenRequest, parts: JumpParts): Promise<void> {
  const host = hostOf(request);
  if (host === undefined) {
    request.refuse(OpenFailureReason.connectFailed, 'sallyport: that is no name of a host');
    return;
  }
  const { claims } = parts.visitor;
  const client = await parts
    .accept(new ChannelStream(request.accept()), { remoteAddress: claims.clientAddress })
    .catch(ignoreSshError);
  const account = await client?.authenticate((attempt) => Promise.resolve(judge(attempt.user))).catch(ignoreSshError);
  if (client && account !== undefined) await serve(client, { host, account }, parts);
}

async function serve(client: SshClient, target: Target, { visitor, flow, ended, visit }: JumpParts): Promise<void> {
  const dismiss = (line: string): void => {
    client.disconnect(DisconnectReason.byApplication, line);
  };
  ended.addEventListener('abort', () => {
    dismiss('');
  });
  const { closed, connectedAt: since } = client;
  let connection: Connection | undefined;
  const inner: Visitor = {
    identity: visitor.identity,
    claims: visitor.claims,
    since,
    closed,
    dismiss,
    open: (type, payload) => {
      if (!connection) throw new Error('the client cannot be asked for channels yet');
      return connection.open(type, payload);
    },
  };
  await visit(inner, target, async (session) => {
    void session.reach();
    connection = client.serve({
      ...flow,
      onOpen: (asked) => {
        session.onOpen(asked);
      },
      onGlobalRequest: (asked) => {
        session.onGlobalRequest(asked);
      },
    });
    await closed;
  });
}

/** `string host to connect, uint32 port, …` (RFC 4254 section 7.2); on which port the host listens, asset knows. */
function hostOf({ payload }: OpenRequest): string | undefined {
  try {
    const host = new SshReader(payload).text(LIMIT_BYTES);
    return isName(host) ? host : undefined;
  } catch {
    return undefined;
  }
}

function judge(account: string): AuthVerdict {
  if (isName(account)) return { kind: 'accept' };
  return { kind: 'disconnect', text: 'sallyport: the user name must be that of an account of the host' };
}

const isName = (text: string): boolean =>
  text !== '' && Buffer.byteLength(text) <= LIMIT_BYTES && !/\p{Cc}/u.test(text);

/** Whoever leaves in the middle, or speaks no SSH, is over and done with. */
function ignoreSshError(error: unknown): undefined {
  if (!(error instanceof SshError)) throw error;
  return undefined;
}
