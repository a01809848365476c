import { PingReplicaV1 } from '@sallyport/contracts';
import type { Bus } from '@sallyport/messaging';
import type { Logger } from '@sallyport/telemetry';

/** Something whose end a session process tells of; when the process is gone, nobody does. */
export interface KeptByReplicas {
  /** Of the session processes that have something here that is not over. */
  replicas(): Promise<string[]>;
  /** It lives. */
  seen(replica: string): Promise<void>;
  /** Ends what nobody else will end. */
  endAbandoned(): Promise<void>;
}

/** Asks session processes whether they live, every so often. Nest calls its hooks. */
export class WatchReplicas {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly kept: readonly KeptByReplicas[],
    private readonly bus: Bus,
    private readonly everyMs: number,
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setTimeout(() => {
      this.running = this.tick().finally(() => {
        if (this.timer) this.onApplicationBootstrap();
      });
    }, this.everyMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.running;
  }

  private async tick(): Promise<void> {
    try {
      const replicas = (await Promise.all(this.kept.map((one) => one.replicas()))).flat();
      await Promise.all([...new Set(replicas)].map((replica) => this.ask(replica)));
      for (const one of this.kept) await one.endAbandoned();
    } catch (error) {
      this.log.warn({ err: error }, 'session processes could not be looked after, trying again');
    }
  }

  private async ask(replica: string): Promise<void> {
    try {
      await this.bus.request(PingReplicaV1, {}, { replica });
    } catch {
      return;
    }
    await Promise.all(this.kept.map((one) => one.seen(replica)));
  }
}
