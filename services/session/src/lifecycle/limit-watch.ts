import type { SessionLimits } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { inWords } from './in-words.js';
import { Limits } from './limits.js';
import type { LimitKind, LimitRules } from './limits.js';
import type { CloseReason } from './session-record.js';
import type { Timers } from '../timers.js';

/** What holds where a grant says nothing, and how long before the end a warning comes. */
export interface LimitDefaults {
  readonly idleSeconds?: number | undefined;
  readonly durationSeconds?: number | undefined;
  readonly warnSeconds: number;
}

/** Whoever must know what is due. */
export interface LimitObserver {
  warn(line: string): void;
  end(reason: CloseReason, error: DomainError): void;
}

/** Timers of Node cannot wait longer than 24 days; limits can. */
const LONGEST_WAIT_MS = 24 * 3_600_000;

/** Watches the limits of one session until they end it, or `stop`. */
export class LimitWatch {
  readonly #rules: LimitRules;
  readonly #limits: Limits;
  #cancel: () => void = () => undefined;

  constructor(
    granted: SessionLimits,
    defaults: LimitDefaults,
    private readonly timers: Timers,
    private readonly observer: LimitObserver,
  ) {
    this.#rules = {
      idleMs: inMs(granted.idleSeconds ?? defaults.idleSeconds),
      durationMs: inMs(granted.durationSeconds ?? defaults.durationSeconds),
      warnMs: defaults.warnSeconds * 1_000,
    };
    this.#limits = new Limits(this.#rules, timers.now());
    this.#wait();
  }

  /** Data came. It costs a look at the clock: the timer stays as it is, and looks again when it rings. */
  active(): void {
    this.#limits.active(this.timers.now());
  }

  /** Safe to repeat. */
  stop(): void {
    this.#cancel();
    this.#cancel = () => undefined;
  }

  #wait(): void {
    const at = this.#limits.nextAt();
    if (at === undefined) return;
    const ms = Math.min(Math.max(at - this.timers.now(), 0), LONGEST_WAIT_MS);
    this.#cancel = this.timers.after(Math.ceil(ms), () => {
      this.#look();
    });
  }

  #look(): void {
    for (const step of this.#limits.due(this.timers.now())) {
      if (step.kind === 'warn') this.observer.warn(this.#warning(step.limit, step.leftMs));
      else this.observer.end(...this.#ending(step.limit));
    }
    this.#wait();
  }

  #warning(limit: LimitKind, leftMs: number): string {
    const left = inWords(leftMs);
    return limit === 'idle'
      ? `sallyport: nothing was typed or shown for a while; this session ends in ${left} unless that changes`
      : `sallyport: this session ends in ${left}: it may take ${inWords(this.#rules.durationMs ?? 0)} in all`;
  }

  #ending(limit: LimitKind): [CloseReason, DomainError] {
    return limit === 'idle'
      ? [
          'idle-limit',
          new DomainError(
            'session.idle',
            `nothing was typed or shown for ${inWords(this.#rules.idleMs ?? 0)}; log on again`,
          ),
        ]
      : [
          'duration-limit',
          new DomainError(
            'session.too-long',
            `the ${inWords(this.#rules.durationMs ?? 0)} that this session may take are over; log on again`,
          ),
        ];
  }
}

const inMs = (seconds: number | undefined): number | undefined => (seconds === undefined ? undefined : seconds * 1_000);
