import { PingReplicaV1 } from '@sallyport/contracts';
import type { Bus } from '@sallyport/messaging';
import type { Logger } from '@sallyport/telemetry';
import { Recurring } from '../recurring.js';

/** Something whose end a session process tells of; when the process is gone, nobody does. */
export interface KeptByReplicas {
  /** Of the session processes that have something here that is not over. */
  replicas(): Promise<string[]>;
  /** It lives. */
  seen(replica: string): Promise<void>;
  /** Ends what nobody else will end. */
  endAbandoned(): Promise<void>;
}

/** Asks session processes whether they live, every so often. */
export class WatchReplicas extends Recurring {
  constructor(
    private readonly kept: readonly KeptByReplicas[],
    private readonly bus: Bus,
    private readonly everyMs: number,
    private readonly log: Logger,
  ) {
    super(everyMs);
  }

  protected override async turn(): Promise<number> {
    try {
      const replicas = (await Promise.all(this.kept.map((one) => one.replicas()))).flat();
      await Promise.all([...new Set(replicas)].map((replica) => this.ask(replica)));
      for (const one of this.kept) await one.endAbandoned();
    } catch (error) {
      this.log.warn({ err: error }, 'session processes could not be looked after, trying again');
    }
    return this.everyMs;
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
