import { Clock } from './clock.js';

/** Stands still until it is told to move. */
export class FakeClock extends Clock {
  constructor(private time = new Date('2026-01-01T12:00:00Z')) {
    super();
  }

  now(): Date {
    return this.time;
  }

  advance(seconds: number): void {
    this.time = new Date(this.time.getTime() + seconds * 1_000);
  }
}
