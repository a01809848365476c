import { SshReader, SshWriter } from '@sallyport/ssh-keys';
import { EventQueue } from '../event-queue.js';
import { DisconnectReason, Message } from '../messages.js';
import { SshError } from '../ssh-error.js';
import type { Transport } from '../transport/transport.js';
import type { AuthAttempt } from './auth-attempt.js';
import { readAuthAttempt } from './auth-attempt.js';
import type { Prompt } from './prompts.js';
import { formatPrompts, readAnswers } from './prompts.js';

/** A method of RFC 4252 that a client may try next. */
export type AuthMethod = 'publickey' | 'password' | 'keyboard-interactive';

export type AuthVerdict =
  | { readonly kind: 'accept' }
  /** Only for a `publickey-query`: the key is worth a signature. Proves nothing and remembers nothing. */
  | { readonly kind: 'sign' }
  /** Only for `keyboard-interactive` and `answers`: the client is asked this. */
  | { readonly kind: 'ask'; readonly prompts: readonly Prompt[] }
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
  const exchange: Exchange = { user: undefined, asked: undefined };
  for await (const request of requests) {
    const attempt = readAttempt(transport, request, exchange);
    if (!attempt) continue;
    exchange.user = attempt.user;
    const verdict = await decide(attempt);
    wipe(attempt);
    exchange.asked = verdict.kind === 'ask' ? verdict.prompts.length : undefined;
    answer(transport, attempt, verdict);
    if (verdict.kind === 'accept') return attempt.user;
  }
  throw new SshError('closed', 'the client left before it was authenticated');
}

/** Text for the user, before the end of authentication (RFC 4252 section 5.4). */
export function sendBanner(transport: Transport, text: string): void {
  transport.send(new SshWriter().byte(Message.userauthBanner).string(text).string('').bytes());
}

/** What one request leaves behind for the next. */
interface Exchange {
  /** RFC 4252 section 5 lets it change; we do not. */
  user: string | undefined;
  /** Questions that wait for their answers; a new request takes their place (RFC 4256 section 3.1). */
  asked: number | undefined;
}

function wipe(attempt: AuthAttempt): void {
  if (attempt.method === 'password') attempt.password.fill(0);
  if (attempt.method === 'answers') for (const each of attempt.answers) each.fill(0);
}

function receive(transport: Transport, requests: EventQueue<Buffer>, type: number, payload: Buffer): void {
  if (type === Message.userauthRequest || type === Message.userauthInfoResponse) {
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

function readAttempt(transport: Transport, request: Buffer, { user, asked }: Exchange): AuthAttempt | undefined {
  try {
    if (request[0] === Message.userauthInfoResponse) {
      if (user === undefined || asked === undefined) throw new SshError('protocol', 'answers to no question');
      return { method: 'answers', user, answers: readAnswers(request, asked) };
    }
    const attempt = readAuthAttempt(request, transport.sessionId);
    if (user === undefined || attempt.user === user) return attempt;
    throw new SshError('protocol', 'the user name may not change');
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
    case 'ask':
      if (attempt.method !== 'keyboard-interactive' && attempt.method !== 'answers')
        throw new Error('only keyboard-interactive asks questions');
      transport.send(formatPrompts(verdict.prompts));
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
