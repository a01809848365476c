import { monitorEventLoopDelay } from 'node:perf_hooks';
import { constrainedMemory, memoryUsage } from 'node:process';
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

const RESOLUTION_MS = 20;
/** One long pause is not a load: what counts is the lower of the averages over the last two windows. */
const WINDOW_MS = 1_000;

/** How much this process has to do, as far as its sessions feel it. */
export class ProcessLoad {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #timer: NodeJS.Timeout | undefined;
  /** Of the last window, and of the one before. */
  #delaysMs: readonly [number, number] = [0, 0];

  /** Safe to repeat. */
  start(): void {
    if (this.#timer) return;
    this.#histogram.enable();
    this.#timer = setInterval(() => {
      this.#measure();
    }, WINDOW_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#histogram.disable();
  }

  /** By how much the event loop was late, on average, in each of the last two windows: a key that is typed waits about as long. */
  get delayMs(): number {
    return Math.min(...this.#delaysMs);
  }

  /** Resident memory, as the operating system counts it. */
  get memoryBytes(): number {
    return memoryUsage.rss();
  }

  /** From 0 to 1: how full the heap of JavaScript is. */
  get heapShare(): number {
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    return used / limit;
  }

  #measure(): void {
    // What is sampled is the time between two looks at the clock, and so holds the time of the sampler's own sleep.
    const { mean } = this.#histogram;
    this.#delaysMs = [Number.isNaN(mean) ? 0 : Math.max(0, mean / 1e6 - RESOLUTION_MS), this.#delaysMs[0]];
    this.#histogram.reset();
  }
}

/** Of the memory that there is: what is left is for those who are in. */
export const MEMORY_SHARE = 0.8;

/** Of what the container may use, or the machine has. */
export function usableMemoryBytes(share: number): number {
  const limit = constrainedMemory();
  return Math.floor(share * (limit > 0 && limit < totalmem() ? limit : totalmem()));
}
