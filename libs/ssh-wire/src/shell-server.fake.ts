import { generateKeyPairSync } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Channel } from './connection/channel.js';
import { exitStatus, readRequest } from './connection/channel-request.js';
import type { ConnectionOptions, OpenRequest } from './connection/connection.js';
import type { SshClient, SshServerOptions } from './downstream.js';
import { SshServer } from './downstream.js';
import type { SshTargetOptions } from './upstream.js';
import { SshTarget } from './upstream.js';
import type { AuthAttempt } from './user-auth/auth-attempt.js';
import type { AuthVerdict } from './user-auth/serve-user-auth.js';

/** For tests: an SSH server that runs commands on this machine, built of nothing but this library. */
export interface ShellServerOptions {
  server?: Partial<SshServerOptions>;
  connection?: Omit<ConnectionOptions, 'onOpen'>;
  decide?: (attempt: AuthAttempt, client: SshClient) => Promise<AuthVerdict>;
  onChannel?: (request: OpenRequest) => void;
}

/** For a handshake, a logon or an event whose time a test is not about: the end of one that would otherwise hang. */
export const PATIENCE_MS = 60_000;
export const keepalive = { intervalMs: 15_000, maxMissed: 3 };
export const acceptAnyone = (): Promise<AuthVerdict> => Promise.resolve({ kind: 'accept' });

export function rsaHostKey(): string {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  }).privateKey;
}

/** Closes with the test that started it. */
export async function startShellServer(
  options: ShellServerOptions = {},
): Promise<{ port: number; close(): Promise<void>; stop(): void }> {
  const { decide = acceptAnyone, onChannel = runOnChannel } = options;
  const clients = new Set<SshClient>();
  const settings: SshServerOptions = {
    ident: 'Sallyport',
    hostKeys: [rsaHostKey()],
    loginGraceMs: PATIENCE_MS,
    maxUnauthenticated: 100,
    maxUnauthenticatedPerAddress: 100,
    maxFailuresPerMinute: 1_000,
    keepalive,
    ...options.server,
  };
  const server = await SshServer.listen({ host: '127.0.0.1', port: 0 }, settings, (client) => {
    clients.add(client);
    void client.closed.then(() => clients.delete(client));
    void client
      .authenticate((attempt) => decide(attempt, client))
      .then(
        () => client.serve({ ...options.connection, onOpen: onChannel }),
        () => undefined,
      );
  });
  return {
    port: server.port,
    close: () => server.close(),
    stop: () => {
      void server.close();
      for (const client of clients) client.disconnect(11, 'the test is over');
    },
  };
}

export async function dial(port: number, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect(port, host);
  await once(socket, 'connect');
  return socket;
}

export async function connectTarget(
  port: number,
  options: Partial<SshTargetOptions> = {},
  host?: string,
): Promise<SshTarget> {
  return connectOver(await dial(port, host), options);
}

export function connectOver(socket: Duplex, options: Partial<SshTargetOptions> = {}): Promise<SshTarget> {
  return SshTarget.connect(socket, {
    ident: 'Sallyport',
    handshakeTimeoutMs: PATIENCE_MS,
    verifyHostKey: () => Promise.resolve(),
    keepalive,
    ...options,
  });
}

/** What a command at the other end of a channel gave. */
export async function runCommand(
  channel: Channel,
  command: string,
  input = Buffer.alloc(0),
): Promise<{ stdout: Buffer; stderr: Buffer; exit: ReturnType<typeof readRequest>[] }> {
  const text = Buffer.from(command);
  const payload = Buffer.concat([Buffer.alloc(4), text]);
  payload.writeUInt32BE(text.length);
  if (!(await channel.request({ name: 'exec', wantReply: true, payload }))) throw new Error('exec was refused');
  void channel.write(input).then(() => {
    channel.sendEof();
  });
  const parts = { stdout: [] as Buffer[], stderr: [] as Buffer[], exit: [] as ReturnType<typeof readRequest>[] };
  for await (const event of channel.incoming()) {
    if (event.kind === 'data') parts[event.stderr ? 'stderr' : 'stdout'].push(event.bytes);
    if (event.kind === 'exit') parts.exit.push(readRequest(event.request));
  }
  return { stdout: Buffer.concat(parts.stdout), stderr: Buffer.concat(parts.stderr), exit: parts.exit };
}

/** Runs what the client asks for with `sh -c`. */
export function runOnChannel(request: OpenRequest): void {
  if (request.type !== 'session') {
    request.refuse(1, 'sessions only');
    return;
  }
  const channel = request.accept();
  void (async () => {
    for await (const asked of channel.requests()) {
      const meaning = readRequest(asked);
      asked.reply(true);
      if (meaning.kind === 'exec') void execute(channel, meaning.command);
    }
  })();
}

async function execute(channel: Channel, command: string): Promise<void> {
  const child = spawn('sh', ['-c', command]);
  child.stdin.on('error', () => undefined);
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const send = async (from: AsyncIterable<Buffer>, stderr: boolean): Promise<void> => {
    for await (const bytes of from) await channel.write(bytes, stderr);
  };
  void (async () => {
    for await (const event of channel.incoming()) {
      if (event.kind === 'data') await new Promise((resolve) => child.stdin.write(event.bytes, resolve));
      if (event.kind === 'eof') child.stdin.end();
    }
  })();
  await Promise.all([send(child.stdout, false), send(child.stderr, true)]);
  const [code] = await ended;
  await channel.request({ name: 'exit-status', wantReply: false, payload: exitStatus(code ?? 1) });
  channel.sendEof();
  channel.close();
}
