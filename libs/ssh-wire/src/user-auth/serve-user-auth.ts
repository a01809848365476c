import { SshReader, SshWriter } from '@sallyport/ssh-keys';
import { EventQueue } from '../event-queue.js';
import { DisconnectReason, Message } from '../messages.js';
import { SshError } from '../ssh-error.js';
import type { Transport } from '../transport/transport.js';
import type { AuthAttempt } from './auth-attempt.js';
import { readAuthAttempt } from './auth-attempt.js';

/** A method of RFC 4252 that a client may try next. */
export type AuthMethod = 'publickey' | 'password' | 'keyboard-interactive';

export type AuthVerdict =
  | { readonly kind: 'accept' }
  /** Only for a `publickey-query`: the key is worth a signature. Proves nothing and remembers nothing. */
  | { readonly kind: 'sign' }
  | { readonly kind: 'refuse'; readonly methods: readonly AuthMethod[]; readonly partial?: boolean }
  /** The client is sent away; the text is for its user. */
  | { readonly kind: 'disconnect'; readonly text: string };

/** Requests that a client may send ahead of our answers. */
const PIPELINE_LIMIT = 16;

/**
 * The server's side of user authentication (RFC 4252): asks `decide` about one attempt after the other, in order, until
 * one is accepted. One connection, one user name: a client that changes it is disconnected, as OpenSSH does.
 * @returns the user name of the accepted attempt
 * @throws SshError `closed` the client left or was sent away
 */
export async function serveUserAuth(
  transport: Transport,
  decide: (attempt: AuthAttempt) => Promise<AuthVerdict>,
): Promise<string> {
  const requests = new EventQueue<Buffer>({ limit: PIPELINE_LIMIT });
  void transport.closed.then(() => {
    requests.end();
  });
  transport.receive((type, payload) => {
    receive(transport, requests, type, payload);
  });
  let user: string | undefined;
  for await (const request of requests) {
    const attempt = readAttempt(transport, request);
    if (!attempt) continue;
    user ??= attempt.user;
    if (attempt.user !== user) {
      transport.disconnect(DisconnectReason.protocolError, 'the user name may not change');
      continue;
    }
    const verdict = await decide(attempt);
    if (attempt.method === 'password') attempt.password.fill(0);
    answer(transport, attempt, verdict);
    if (verdict.kind === 'accept') return user;
  }
  throw new SshError('closed', 'the client left before it was authenticated');
}

/** Text for the user, before the end of authentication (RFC 4252 section 5.4). */
export function sendBanner(transport: Transport, text: string): void {
  transport.send(new SshWriter().byte(Message.userauthBanner).string(text).string('').bytes());
}

function receive(transport: Transport, requests: EventQueue<Buffer>, type: number, payload: Buffer): void {
  if (type === Message.userauthRequest) {
    requests.push(payload);
  } else if (type === Message.serviceRequest) {
    const service = new SshReader(payload.subarray(1)).text(64);
    if (service !== 'ssh-userauth') {
      transport.disconnect(DisconnectReason.serviceNotAvailable, 'only ssh-userauth is available here');
    } else {
      transport.send(new SshWriter().byte(Message.serviceAccept).string(service).bytes());
    }
  } else if (type !== Message.extInfo) {
    throw new SshError('protocol', `message ${type} is not allowed before authentication`);
  }
}

function readAttempt(transport: Transport, request: Buffer): AuthAttempt | undefined {
  try {
    return readAuthAttempt(request, transport.sessionId);
  } catch (error) {
    const text = error instanceof Error ? error.message : 'malformed request';
    transport.disconnect(DisconnectReason.protocolError, text);
    return undefined;
  }
}

function answer(transport: Transport, attempt: AuthAttempt, verdict: AuthVerdict): void {
  switch (verdict.kind) {
    case 'accept':
      // What the client sends next is for the layer above: it waits until that one receives.
      transport.receive(undefined);
      transport.send(Buffer.of(Message.userauthSuccess));
      return;
    case 'sign':
      if (attempt.method !== 'publickey-query') throw new Error('only a key without signature can be asked for one');
      transport.send(
        new SshWriter().byte(Message.userauthKeyOk).string(attempt.algorithm).string(attempt.publicKey).bytes(),
      );
      return;
    case 'refuse': {
      const failure = new SshWriter().byte(Message.userauthFailure).nameList(verdict.methods);
      transport.send(failure.boolean(verdict.partial ?? false).bytes());
      return;
    }
    case 'disconnect':
      transport.disconnect(DisconnectReason.noMoreAuthMethods, verdict.text);
  }
}
