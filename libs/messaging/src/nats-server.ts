import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import { ServerNats, type MessageHandler } from '@nestjs/microservices';
import { allRequests, type ServiceName } from '@sallyport/contracts';
import { contextFrom, SpanKind, withSpan } from '@sallyport/telemetry';

interface Incoming {
  getHeaders(): { get(name: string): string } | undefined;
}

/**
 * Nest's NATS transport on a connection that the process owns: queue group by service name, a span around every handler,
 * and a close that lets running handlers finish.
 */
export class NatsServer extends ServerNats {
  private readonly running = new Set<Promise<unknown>>();

  constructor(
    private readonly connection: NatsConnection,
    service: ServiceName,
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
