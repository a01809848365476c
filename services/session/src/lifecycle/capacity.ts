import type { Overload } from '@sallyport/ssh-wire';
import { gauge } from '@sallyport/telemetry';
import { draining, overloaded } from '../downstream/overload.js';
import type { ProcessLoad } from './process-load.js';

export interface CapacityRules {
  readonly maxSessions: number;
  readonly maxMemoryBytes: number;
  /** See ProcessLoad. */
  readonly maxDelayMs: number;
}

/** Of the heap of JavaScript, whatever memory there is beside: V8 ends a process whose heap is full. */
const HEAP_SHARE = 0.85;

/** What one process can bear: new sessions are refused before old ones suffer. */
export class Capacity {
  /** Sessions of other processes that count as well. */
  elsewhere = 0;
  /** Told how many sessions there are in this process, each time that changes. */
  onChange: (sessions: number) => void = () => undefined;
  #sessions = 0;
  #draining = false;

  constructor(
    private readonly rules: CapacityRules,
    private readonly load: Pick<ProcessLoad, 'memoryBytes' | 'heapShare' | 'delayMs'>,
  ) {
    gauge('sallyport.session.count', 'Sessions of this process', '1', () => this.#sessions);
    gauge('sallyport.session.delay', 'How late the event loop is, on average', 'ms', () => load.delayMs);
    gauge('sallyport.session.memory', 'Resident memory of the process', 'By', () => load.memoryBytes);
  }

  /** What there is too little of for somebody new; undefined when there is enough of all. */
  get overload(): Overload | undefined {
    const { maxSessions, maxMemoryBytes, maxDelayMs } = this.rules;
    if (this.#sessions + this.elsewhere >= maxSessions) return 'too-many-sessions';
    if (this.load.memoryBytes > maxMemoryBytes || this.load.heapShare > HEAP_SHARE) return 'too-little-memory';
    return this.load.delayMs > maxDelayMs ? 'too-busy' : undefined;
  }

  /** From now on nobody enters. */
  drain(): void {
    this.#draining = true;
  }

  /**
   * A session begins.
   * @returns to be called at its end; safe to repeat
   * @throws DomainError `service.overloaded`, `service.unavailable`
   */
  enter(): () => void {
    if (this.#draining) throw draining();
    const { overload } = this;
    if (overload) throw overloaded(overload);
    this.#count(1);
    let entered = true;
    return () => {
      if (entered) this.#count(-1);
      entered = false;
    };
  }

  #count(change: 1 | -1): void {
    this.#sessions += change;
    this.onChange(this.#sessions);
  }
}
