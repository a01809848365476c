import { counter, type Logger } from '@sallyport/telemetry';
import { Recurring } from '../recurring.js';
import type { SealLog } from './seal-log.js';
import type { Checkpoint } from './tree-store.js';
import type { Witness } from './witness.js';

const everyMs = 1_000;

/** Seals the log at its rhythm, and tells the witnesses, for as long as the process lives. */
export class CheckpointClock extends Recurring {
  private readonly untold = counter('sallyport.audit.witness.failures', 'Checkpoints that a witness did not take');
  /** Size of the newest checkpoint that each was told. */
  private readonly told = new Map<Witness, number>();

  constructor(
    private readonly sealLog: SealLog,
    private readonly witnesses: readonly Witness[],
    private readonly log: Logger,
  ) {
    super(everyMs);
  }

  protected override async turn(): Promise<number> {
    try {
      const newest = await this.sealLog.run();
      if (newest) await Promise.all(this.witnesses.map((witness) => this.tell(witness, newest)));
    } catch (error) {
      this.log.warn({ reason: reasonOf(error) }, 'no checkpoint could be made, trying again');
    }
    return everyMs;
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
