import {
  ForwardClosed,
  ForwardOpened,
  ForwardRefused,
  ListenerClosed,
  ListenerOpened,
  ListenerRefused,
  ListenerRequested,
} from '@sallyport/contracts';
import type { EventContract, EventData, SessionId, UserId } from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import type { Forward } from '../relay/forward.js';
import type { Listener } from '../relay/listener.js';
import type { RelayedBytes } from '../relay/relay-bytes.js';

/** A client or a target can ask for what is refused as often as it likes: so many different things are told of. */
const MOST_REFUSALS = 200;

/** What the audit log gets to know of the connections that one session forwards. What is enforced has been stored when its promise resolves. */
export class ForwardRecord {
  readonly #refused = new Set<string>();

  constructor(
    private readonly audit: AuditPublisher,
    private readonly of: { readonly sessionId: SessionId; readonly userId: UserId },
  ) {}

  /** @throws DomainError `audit.unavailable`: then the other side must not hear of it */
  async opened(channel: number, forward: Forward): Promise<void> {
    await this.audit.publish(ForwardOpened, { ...this.of, channel, ...forward });
  }

  closed(channel: number, forward: Forward, end: RelayedBytes & { openFailure?: number }): void {
    this.#tell(ForwardClosed, { ...this.of, channel, ...forward, ...end });
  }

  refused(channel: number, forward: Forward, reason: string): void {
    if (!this.#isNews(`${forward.kind} ${forward.destination ?? ''}`)) return;
    this.#tell(ForwardRefused, { ...this.of, channel, ...forward, reason, bytesUp: 0, bytesDown: 0 });
  }

  /** @throws DomainError `audit.unavailable`: then the target must not be asked */
  async listening(listener: Listener): Promise<void> {
    await this.audit.publish(ListenerRequested, { ...this.of, ...place(listener) });
  }

  listens(listener: Listener, port: number | undefined): void {
    this.#tell(ListenerOpened, { ...this.of, ...place(listener), ...(port !== undefined && { port }) });
  }

  listensNoMore(listener: Listener, reason: EventData<typeof ListenerClosed>['reason']): void {
    this.#tell(ListenerClosed, { ...this.of, ...place(listener), reason });
  }

  refusedToListen(listener: Listener, reason: string): void {
    if (!this.#isNews(`${listener.kind} ${listener.address}`)) return;
    this.#tell(ListenerRefused, { ...this.of, ...place(listener), reason });
  }

  #isNews(what: string): boolean {
    if (this.#refused.has(what) || this.#refused.size >= MOST_REFUSALS) return false;
    this.#refused.add(what);
    return true;
  }

  /** What nobody waits for: the publisher logs and counts what is lost, and what is refused is refused all the same. */
  #tell<E extends EventContract>(event: E, data: EventData<E>): void {
    void this.audit.publish(event, data).catch(() => undefined);
  }
}

function place({ kind, address }: Listener): Pick<Listener, 'kind' | 'address'> {
  return { kind, address };
}
