import { Clock } from './clock.js';

/** Time that passes only while somebody sleeps, and then at once. */
export class FakeClock extends Clock {
  #now = Date.parse('2026-11-23T12:00:00Z');
  readonly sleeps: number[] = [];

  override now(): Date {
    return new Date(this.#now);
  }

  override sleep(ms: number): Promise<void> {
    this.sleeps.push(ms);
    this.pass(ms);
    return Promise.resolve();
  }

  pass(ms: number): void {
    this.#now += ms;
  }
}
