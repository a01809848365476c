/**
 * Where a session stands:
 * - `on-the-way`: we know who asks for the target; the logon there is under way, and channels wait for it
 * - `open`: the target let us in, and that is on record; channels are relayed
 * - `refused`: there will be no target; every channel is told why
 * - `closed`: nothing is left
 */
export type SessionState = 'on-the-way' | 'open' | 'refused' | 'closed';

const moves: Readonly<Record<SessionState, readonly SessionState[]>> = {
  'on-the-way': ['open', 'refused', 'closed'],
  open: ['closed'],
  refused: ['closed'],
  closed: [],
};

/** The state of one session. */
export class SessionLife {
  #state: SessionState = 'on-the-way';

  get state(): SessionState {
    return this.#state;
  }

  /** @throws Error the table does not allow it: a mistake in the program */
  move(to: SessionState): void {
    if (!moves[this.#state].includes(to)) throw new Error(`a session cannot go from ${this.#state} to ${to}`);
    this.#state = to;
  }
}
