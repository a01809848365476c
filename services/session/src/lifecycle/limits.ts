export type LimitKind = 'idle' | 'duration';

/** In milliseconds; an absent limit is none. */
export interface LimitRules {
  readonly idleMs?: number | undefined;
  readonly durationMs?: number | undefined;
  /** A warning comes this long before the end, or after half of a limit that is shorter than twice that. */
  readonly warnMs: number;
}

export type LimitStep =
  | { readonly kind: 'warn'; readonly limit: LimitKind; readonly leftMs: number }
  | { readonly kind: 'end'; readonly limit: LimitKind };

interface Limit {
  readonly limit: LimitKind;
  readonly ms: number;
  /** When it began to run. */
  since: number;
  warned: boolean;
}

/**
 * The time limits of one session, as a state that is told of time and activity and says what is due.
 *
 * Activity is data, in either direction, on any channel: what a user types, and what the target shows, so that `tail -f` of a log that
 * grows keeps a session, and one of a log that stands still does not. Keepalives, resizes and signals are none.
 */
export class Limits {
  readonly #limits: Limit[];

  constructor(
    private readonly rules: LimitRules,
    startedAt: number,
  ) {
    const limit = (kind: LimitKind, ms: number | undefined): Limit[] =>
      ms === undefined ? [] : [{ limit: kind, ms, since: startedAt, warned: false }];
    this.#limits = [...limit('duration', rules.durationMs), ...limit('idle', rules.idleMs)];
  }

  /** Data came. */
  active(now: number): void {
    for (const each of this.#limits) if (each.limit === 'idle') Object.assign(each, { since: now, warned: false });
  }

  /** What is due at `now`; of several ends the first counts, and an end is said once. */
  due(now: number): LimitStep[] {
    const steps: LimitStep[] = [];
    for (const each of this.#limits) {
      const leftMs = each.since + each.ms - now;
      if (leftMs <= 0) {
        this.#limits.length = 0;
        return [{ kind: 'end', limit: each.limit }];
      }
      if (each.warned || leftMs > this.#lead(each)) continue;
      each.warned = true;
      steps.push({ kind: 'warn', limit: each.limit, leftMs });
    }
    return steps;
  }

  /** When to ask again; undefined when nothing will be due. */
  nextAt(): number | undefined {
    const times = this.#limits.map((each) => each.since + each.ms - (each.warned ? 0 : this.#lead(each)));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  #lead({ ms }: Limit): number {
    return Math.min(this.rules.warnMs, ms / 2);
  }
}
