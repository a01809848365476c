import type { ProtocolPolicy } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { jumpAdvice } from '../downstream/jump-advice.js';
import { ChannelOpenFailure, OpenFailureReason } from '@sallyport/ssh-wire';
import type { Channel, Connection, IncomingGlobalRequest, OpenRequest } from '@sallyport/ssh-wire';
import { neededSwitch, readForward } from '../relay/forward.js';
import type { Forward } from '../relay/forward.js';
import { chosenPort, listenerSwitch, readListener } from '../relay/listener.js';
import type { Listener } from '../relay/listener.js';
import { relayBytes } from '../relay/relay-bytes.js';
import type { ForwardRecord } from './forward-record.js';
import type { SessionRecord } from './session-record.js';

/** What the forwards of a session work with. */
export interface ForwardParts {
  readonly policy: ProtocolPolicy;
  readonly session: Pick<SessionRecord, 'forwards' | 'nextChannel' | 'relayed'>;
  /** The one line for a user. */
  explain(error: unknown): string;
  /** Data came, in either direction. */
  active(): void;
}

type Opener = Connection['open'];

/**
 * The connections that a session forwards, in both directions (RFC 4254 sections 6.3 and 7). Policy decides by kind; what
 * starts at the target must moreover have been asked for by the client. Nothing is passed on before it is on record.
 */
export class Forwards {
  readonly #record: ForwardRecord;
  /** Ports and paths that the target listens on for this client. */
  readonly #listening = new Set<number | string>();
  /** Kinds that the client asked the target to forward. */
  readonly #asked = new Set<Forward['kind']>();
  /** Settles when every request so far has been answered: an answer never comes after what it is about. */
  #answered: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: ForwardParts,
    private readonly target: Pick<Connection, 'open' | 'request'>,
    private readonly visitor: { readonly open?: Opener },
  ) {
    this.#record = parts.session.forwards();
  }

  /** A request on a channel, such as `x11-req`, lets the target open channels of this kind. */
  ask(kind: 'agent' | 'x11'): void {
    this.#asked.add(kind);
  }

  /** The client asks for a channel that is no session. Returns when it is over. */
  async fromClient(request: OpenRequest): Promise<void> {
    await this.#forward('client', request, (forward) => this.#notPermitted(forward));
  }

  /** The target asks for a channel. Returns when it is over. */
  async fromTarget(request: OpenRequest): Promise<void> {
    await this.#answered;
    const check = (forward: Forward): string | undefined =>
      this.#notPermitted(forward) ?? this.#notAsked(forward, request);
    await this.#forward('target', request, check);
  }

  /** A global request of the client. Returns when it is answered. */
  onGlobalRequest(request: IncomingGlobalRequest): Promise<void> {
    this.#answered = this.#answered.then(() => this.#answer(request));
    return this.#answered;
  }

  async #forward(
    opener: 'client' | 'target',
    request: OpenRequest,
    check: (forward: Forward) => string | undefined,
  ): Promise<void> {
    const channel = this.parts.session.nextChannel();
    const forward = understood(() => readForward(opener, request));
    if (!forward) {
      request.refuse(OpenFailureReason.unknownChannelType, 'sallyport: this kind of channel is not known');
      return;
    }
    const problem = check(forward);
    if (problem !== undefined) {
      this.#record.refused(channel, forward, problem);
      this.#refuse(request, new DomainError('policy.forbidden', `${problem}${jumpAdvice(forward)}`));
      return;
    }
    await this.#relay(channel, forward, opener, request);
  }

  async #relay(channel: number, forward: Forward, opener: 'client' | 'target', request: OpenRequest): Promise<void> {
    const record = this.#record;
    try {
      await record.opened(channel, forward);
    } catch (error) {
      this.#refuse(request, error);
      return;
    }
    let other: Channel;
    try {
      other = await this.#open(opener, request);
    } catch (error) {
      const failure = error instanceof ChannelOpenFailure ? error : undefined;
      const openFailure = failure?.reason ?? OpenFailureReason.connectFailed;
      request.refuse(openFailure, failure?.description ?? 'the connection has ended');
      record.closed(channel, forward, { bytesUp: 0, bytesDown: 0, openFailure });
      return;
    }
    const own = request.accept();
    const [client, target] = opener === 'client' ? [own, other] : [other, own];
    const bytes = await relayBytes(client, target, () => {
      this.parts.active();
    });
    this.parts.session.relayed(bytes);
    record.closed(channel, forward, bytes);
  }

  #open(opener: 'client' | 'target', { type, payload }: OpenRequest): Promise<Channel> {
    if (opener === 'client') return this.target.open(type, payload);
    if (this.visitor.open) return this.visitor.open(type, payload);
    return Promise.reject(
      new ChannelOpenFailure(OpenFailureReason.administrativelyProhibited, 'nobody takes channels there'),
    );
  }

  async #answer(request: IncomingGlobalRequest): Promise<void> {
    const listener = understood(() => readListener(request));
    if (!listener) {
      request.reply({ success: false });
      return;
    }
    const needed = listenerSwitch[listener.kind];
    if (!this.parts.policy[needed]) {
      this.#record.refusedToListen(listener, `your authorization does not permit this (${needed})`);
      request.reply({ success: false });
    } else if (listener.act === 'open') await this.#listen(listener, request);
    else await this.#listenNoMore(listener, request);
  }

  async #listen(listener: Listener, request: IncomingGlobalRequest): Promise<void> {
    try {
      await this.#record.listening(listener);
    } catch {
      request.reply({ success: false });
      return;
    }
    const answer = await this.target.request(request.name, request.payload);
    const port = listener.port === 0 ? chosenPort(answer.data) : undefined;
    if (answer.success) {
      this.#listening.add(keyOf(listener, port));
      this.#record.listens(listener, port);
    } else this.#record.listensNoMore(listener, 'target-refused');
    request.reply(answer);
  }

  async #listenNoMore(listener: Listener, request: IncomingGlobalRequest): Promise<void> {
    const answer = await this.target.request(request.name, request.payload);
    if (answer.success) {
      this.#listening.delete(keyOf(listener));
      this.#record.listensNoMore(listener, 'cancelled');
    }
    request.reply(answer);
  }

  #notPermitted({ kind }: Forward): string | undefined {
    const needed = neededSwitch[kind];
    return this.parts.policy[needed] ? undefined : `your authorization does not permit this forwarding (${needed})`;
  }

  /** Port or path decide: a server may name the address otherwise than it was asked for, and the client compares it again. */
  #notAsked({ kind, destination = '' }: Forward, { type }: OpenRequest): string | undefined {
    const asked =
      kind === 'forwarded-tcpip'
        ? this.#listening.has(Number(destination.slice(destination.lastIndexOf(':') + 1)))
        : kind === 'forwarded-streamlocal'
          ? this.#listening.has(destination)
          : this.#asked.has(kind);
    return asked ? undefined : `nobody asked for ${type}`;
  }

  #refuse(request: OpenRequest, error: unknown): void {
    request.refuse(OpenFailureReason.administrativelyProhibited, this.parts.explain(error));
  }
}

function keyOf(listener: Listener, chosen?: number): number | string {
  return listener.kind === 'tcpip' ? (chosen ?? listener.port ?? 0) : listener.address;
}

/** What is malformed is something that nobody knows. */
function understood<T>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
