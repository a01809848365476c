import { setTimeout as pause } from 'node:timers/promises';
import type { Member } from './member.js';

export interface SupervisorOptions {
  /** Tells a person, one line at a time. */
  say(line: string): void;
  /** Before the first attempt to bring a member back; doubles with every early end. 200 ms unless told. */
  firstPauseMs?: number;
  /** 5 seconds unless told. */
  longestPauseMs?: number;
  /** A member that lived this long starts with the shortest pause again. 30 seconds unless told. */
  healthyAfterMs?: number;
  /** Failed attempts in a row before we give up. 10 unless told. */
  attempts?: number;
}

/** Keeps its members running until it is told to stop, and stops them in the reverse order of their start. */
export class Supervisor {
  /** Rejects when a member could not be brought back; never settles otherwise. */
  readonly gaveUp: Promise<never>;
  readonly #options: Required<SupervisorOptions>;
  readonly #batches: Member[][] = [];
  readonly #stopping = new AbortController();
  #giveUp!: (error: Error) => void;
  #stopped: Promise<void> | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = { firstPauseMs: 200, longestPauseMs: 5_000, healthyAfterMs: 30_000, attempts: 10, ...options };
    this.gaveUp = new Promise((_, reject) => {
      this.#giveUp = reject;
    });
    this.gaveUp.catch(() => undefined); // whoever waits for it hears of it
  }

  /**
   * Starts these members side by side and watches over them.
   * @throws Error when one of them does not start the first time, or we have been stopped
   */
  async start(...members: Member[]): Promise<void> {
    this.#stopping.signal.throwIfAborted();
    this.#batches.push(members);
    await Promise.all(
      members.map(async (member) => {
        await member.start();
        if (this.#stopping.signal.aborted) await member.stop();
        else void this.#watch(member);
      }),
    );
  }

  /** Stops everything, the youngest first; a second call waits for the same end. */
  stop(): Promise<void> {
    this.#stopping.abort(new Error('stopped'));
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async #stopAll(): Promise<void> {
    for (const batch of this.#batches.reverse()) await Promise.all(batch.map((member) => member.stop()));
  }

  async #watch(member: Member): Promise<void> {
    const { firstPauseMs, longestPauseMs, healthyAfterMs, say } = this.#options;
    let earlyEnds = 0;
    for (;;) {
      const startedAt = Date.now();
      const how = await member.ended();
      if (this.#stopping.signal.aborted) return;
      earlyEnds = Date.now() - startedAt < healthyAfterMs ? earlyEnds + 1 : 1;
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (earlyEnds - 1));
      say(`${member.name} ended unexpectedly (${how}); starting it again`);
      if (!(await this.#bringBack(member, pauseMs))) return;
      say(`${member.name} is back`);
    }
  }

  /** @returns whether it runs again; false when we were stopped meanwhile, or gave up */
  async #bringBack(member: Member, pauseMs: number): Promise<boolean> {
    const { attempts, longestPauseMs } = this.#options;
    const { signal } = this.#stopping;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await pause(pauseMs, undefined, { signal });
        await member.start();
        if (signal.aborted) await member.stop();
        return !signal.aborted;
      } catch (error) {
        if (signal.aborted) return false;
        if (attempt >= attempts) {
          this.#giveUp(error instanceof Error ? error : new Error(String(error)));
          return false;
        }
        pauseMs = Math.min(longestPauseMs, pauseMs * 2);
      }
    }
  }
}
