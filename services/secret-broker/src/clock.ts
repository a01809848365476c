import { setTimeout as sleep } from 'node:timers/promises';

/** Port: the time. */
export abstract class Clock {
  abstract now(): Date;
  abstract sleep(ms: number): Promise<void>;
}

export class SystemClock extends Clock {
  override now(): Date {
    return new Date();
  }

  override async sleep(ms: number): Promise<void> {
    await sleep(ms);
  }
}
