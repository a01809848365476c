import { consumeBatches, auditStream, type Connection, type ServiceLogger } from '@sallyport/messaging';
import { auditStoreConsumer } from '@sallyport/messaging/deployment';
import type { StoreEvents } from './store-events.js';

/** Brings the stream's messages to StoreEvents for as long as the process lives. Nest calls its hooks. */
export class EventConsumer {
  private readonly stop = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly connection: Connection,
    private readonly logger: ServiceLogger,
    private readonly storeEvents: StoreEvents,
    private readonly batchSize: number,
  ) {}

  onApplicationBootstrap(): void {
    this.running = consumeBatches({
      connection: this.connection.nats,
      stream: auditStream,
      durable: auditStoreConsumer,
      maxMessages: this.batchSize,
      // While one is stored, the next is fetched and read.
      atOnce: 2,
      handle: (messages) => this.storeEvents.run(messages),
      signal: this.stop.signal,
      log: this.logger.log,
    });
  }

  /** Ends when the batch at hand is stored and acknowledged. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.running;
  }
}
