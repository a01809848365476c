import { errors as natsErrors, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { ServerNats, type MessageHandler, type NatsContext } from '@nestjs/microservices';
import { allRequests, type ServiceName } from '@sallyport/contracts';
import { DomainError, toWire } from '@sallyport/errors';
import { contextFrom, SpanKind, withSpan, type Logger } from '@sallyport/telemetry';

interface Incoming {
  getHeaders(): { get(name: string): string } | undefined;
}

/**
 * Nest's NATS transport on a connection that the process owns: queue group by service name, a span around every handler,
 * a close that lets running handlers finish, and an error in the place of a reply that cannot be sent, as Nest then sends
 * none and the caller would wait until its deadline.
 */
export class NatsServer extends ServerNats {
  private readonly running = new Set<Promise<unknown>>();

  constructor(
    private readonly connection: NatsConnection,
    service: ServiceName,
    private readonly log: Logger,
  ) {
    super({ queue: service });
  }

  override createNatsClient<T>(): Promise<T> {
    return Promise.resolve(this.connection as T);
  }

  override addHandler(pattern: unknown, callback: MessageHandler, isEventHandler?: boolean, extras?: object): void {
    const name = String(pattern);
    const subject = allRequests.find((r) => name === r.subject || name.startsWith(`${r.subject}.`))?.subject ?? name;
    const traced = (data: unknown, incoming: Incoming) => {
      const traceparent = incoming.getHeaders()?.get('traceparent');
      const work = withSpan(`handle ${subject}`, () => Promise.resolve(callback(data, incoming)), {
        kind: SpanKind.SERVER,
        parent: contextFrom(traceparent === '' ? undefined : traceparent),
      });
      this.running.add(work);
      void work.catch(() => undefined).finally(() => this.running.delete(work));
      return work;
    };
    super.addHandler(pattern, traced, isEventHandler, extras as Record<string, unknown>);
  }

  override getPublisher(message: Msg, id: string, context: NatsContext): (reply: object) => unknown {
    const publish: (reply: object) => unknown = super.getPublisher(message, id, context);
    return (reply) => {
      try {
        return publish(reply);
      } catch (error) {
        this.log.error({ err: error, subject: message.subject }, 'a reply could not be sent');
        return publish({ err: toWire(asTooLarge(error)), isDisposed: true });
      }
    };
  }

  /**
   * Takes no more requests, and waits for those that run. The connection stays open: what runs may need it. Nest calls
   * this twice; the second time finds nothing left.
   */
  override async close(): Promise<void> {
    // Private in Nest's class, and the only way to stop listening without closing the connection.
    const { subscriptions } = this as unknown as { subscriptions: Subscription[] };
    const open = subscriptions.filter((subscription) => !subscription.isClosed());
    await Promise.all(open.map((subscription) => subscription.drain()));
    await Promise.allSettled(this.running);
  }
}

/** What the client says of a message over the server's `max_payload`. */
function asTooLarge(error: unknown): unknown {
  if (!(error instanceof natsErrors.InvalidArgumentError)) return error;
  return new DomainError('reply.too-large', 'the answer is too large for one message, ask for less');
}
