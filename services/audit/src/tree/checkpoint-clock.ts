import { counter, type Logger } from '@sallyport/telemetry';
import type { SealLog } from './seal-log.js';
import type { Checkpoint } from './tree-store.js';
import type { Witness } from './witness.js';

const everyMs = 1_000;

/** Seals the log at its rhythm, and tells the witnesses, for as long as the process lives. Nest calls its hooks. */
export class CheckpointClock {
  private readonly untold = counter('sallyport.audit.witness.failures', 'Checkpoints that a witness did not take');
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  /** Size of the newest checkpoint that each was told. */
  private readonly told = new Map<Witness, number>();

  constructor(
    private readonly sealLog: SealLog,
    private readonly witnesses: readonly Witness[],
    private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setTimeout(() => {
      this.running = this.tick().finally(() => {
        if (this.timer) this.onApplicationBootstrap();
      });
    }, everyMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.running;
  }

  private async tick(): Promise<void> {
    try {
      const newest = await this.sealLog.run();
      if (newest) await Promise.all(this.witnesses.map((witness) => this.tell(witness, newest)));
    } catch (error) {
      this.log.warn({ reason: reasonOf(error) }, 'no checkpoint could be made, trying again');
    }
  }

  private async tell(witness: Witness, checkpoint: Checkpoint): Promise<void> {
    if ((this.told.get(witness) ?? 0) >= checkpoint.size) return;
    try {
      await witness.tell(checkpoint);
      this.told.set(witness, checkpoint.size);
    } catch (error) {
      this.untold.add(1);
      this.log.error({ size: checkpoint.size, reason: reasonOf(error) }, 'a witness did not take a checkpoint');
    }
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown');
