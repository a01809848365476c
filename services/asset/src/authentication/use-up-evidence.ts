import type { Clock } from '../clock/clock.js';
import type { TotpFactors } from '../factor/totp-factors.js';
import type { Tickets } from '../ticket/tickets.js';
import { digestOfFirstFactor } from './check-second-factor.js';
import type { Evidence, Flaw } from './evidence.js';
import { digestOf } from './evidence.js';
import type { Proven } from './judge-evidence.js';
import type { UsedEvidence } from './used-evidence.js';

/** Sees to it that evidence does its work once, whoever shows it again, and to which replica. */
export class UseUpEvidence {
  constructor(
    private readonly usedEvidence: UsedEvidence,
    private readonly factors: TotpFactors,
    private readonly tickets: Tickets,
    private readonly clock: Clock,
  ) {}

  /** Belongs into the transaction that records what the evidence led to. @returns why it is good no longer */
  async run(evidence: Evidence, proven: Proven): Promise<Flaw | undefined> {
    if (!(await this.usedEvidence.claim(digestOf(evidence)))) return 'replayed';
    if (proven.method === 'ticket')
      return (await this.tickets.use(proven.ticket.id, this.clock.now())) ? undefined : 'used-ticket';
    if (proven.method !== 'code') return undefined;
    const { user, first, step } = proven;
    const fresh =
      (await this.factors.useStep(user.id, step)) && (await this.usedEvidence.claim(digestOfFirstFactor(first)));
    return fresh ? undefined : 'replayed';
  }
}
