/**
 * Where a client's connection stands:
 * - `connected`: keys are exchanged; nobody is authenticated
 * - `authenticated`: we know who it is; the logon at the target is under way, and channels wait for it
 * - `open`: the target let us in, and that is on record; channels are relayed
 * - `refused`: there will be no target; every channel is told why
 * - `closed`: nothing is left
 */
export type SessionState = 'connected' | 'authenticated' | 'open' | 'refused' | 'closed';

const moves: Readonly<Record<SessionState, readonly SessionState[]>> = {
  connected: ['authenticated', 'closed'],
  authenticated: ['open', 'refused', 'closed'],
  open: ['closed'],
  refused: ['closed'],
  closed: [],
};

/** The state of one session. */
export class SessionLife {
  #state: SessionState = 'connected';

  get state(): SessionState {
    return this.#state;
  }

  /** @throws Error the table does not allow it: a mistake in the program */
  move(to: SessionState): void {
    if (!moves[this.#state].includes(to)) throw new Error(`a session cannot go from ${this.#state} to ${to}`);
    this.#state = to;
  }
}
