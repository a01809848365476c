import type { EventContract, EventData, ReplyOf, RequestContract, RequestOf } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { AuditPublisher } from '../audit-publisher.js';
import { Bus } from '../bus.js';
import { OnceRegistry } from '../once-registry.js';
import { SharedValues } from '../shared-values.js';
import { RecordingStream, type RecordingMessage } from '../recording-stream.js';

type Handler = (request: never, replica: string | undefined) => unknown;

/** A Bus whose other end is in the test; both ends are parsed, as on the wire. */
export class InMemoryBus extends Bus {
  private readonly handlers = new Map<string, Handler>();

  handle<C extends RequestContract>(
    contract: C,
    handler: (request: RequestOf<C>, replica: string | undefined) => ReplyOf<C> | Promise<ReplyOf<C>>,
  ): this {
    this.handlers.set(contract.subject, handler);
    return this;
  }

  override async request<C extends RequestContract>(
    contract: C,
    request: RequestOf<C>,
    options: { replica?: string } = {},
  ): Promise<ReplyOf<C>> {
    const handler = this.handlers.get(contract.subject);
    if (!handler)
      throw new DomainError('service.unavailable', `nobody answers ${contract.subject}`, { retryable: true });
    const parsed = contract.request.parse(request) as never;
    return contract.reply.parse(await handler(parsed, options.replica)) as ReplyOf<C>;
  }
}

/** Keeps what was published; `fail()` makes enforced events fail. */
export class RecordingAuditPublisher extends AuditPublisher {
  readonly events: { name: string; data: Record<string, unknown> }[] = [];
  private failing = false;

  fail(failing = true): void {
    this.failing = failing;
  }

  named(name: string): Record<string, unknown>[] {
    return this.events.filter((event) => event.name === name).map((event) => event.data);
  }

  override publish<E extends EventContract>(event: E, data: EventData<E>): Promise<void> {
    if (this.failing && event.guarantee === 'enforced')
      return Promise.reject(new DomainError('audit.unavailable', 'the test says so', { retryable: true }));
    this.events.push({ name: event.name, data: event.data.parse(data) });
    return Promise.resolve();
  }
}

export class InMemoryOnceRegistry extends OnceRegistry {
  private readonly claimed = new Set<string>();

  override claim(key: string): Promise<boolean> {
    const first = !this.claimed.has(key);
    this.claimed.add(key);
    return Promise.resolve(first);
  }
}

export class InMemorySharedValues<T> extends SharedValues<T> {
  readonly #values = new Map<string, T>();

  override get(key: string): Promise<T | undefined> {
    return Promise.resolve(this.#values.get(key));
  }

  override change(key: string, change: (before: T | undefined) => T): Promise<void> {
    this.#values.set(key, change(this.#values.get(key)));
    return Promise.resolve();
  }
}

/** Keeps what was recorded; `fail()` makes it take nothing. */
export class InMemoryRecordings extends RecordingStream {
  readonly messages: RecordingMessage[] = [];
  private failing = false;

  fail(failing = true): void {
    this.failing = failing;
  }

  /** The asciicast of a channel so far, of the last session that was recorded. */
  cast(channel = 0): string {
    const sessionId = this.messages.at(-1)?.sessionId;
    const own = this.messages.filter((message) => message.sessionId === sessionId && message.channel === channel);
    const chunks = own.filter(({ part }) => part === 'chunk').map(({ data }) => data);
    return Buffer.concat(chunks).toString();
  }

  override put(message: RecordingMessage): Promise<void> {
    if (this.failing)
      return Promise.reject(new DomainError('audit.unavailable', 'the test says so', { retryable: true }));
    this.messages.push(message);
    return Promise.resolve();
  }
}
