import type { IdentityClaims } from '@sallyport/contracts';
import type { Candidate, Choice, Denial } from './choose-target.js';
import { chooseTarget } from './choose-target.js';

/**
 * The one account that a user means, as `chooseTarget` says; for who logged on with a ticket, among what the ticket is
 * good for. What only the ticket stands in the way of is denied for that reason.
 */
export function chooseWithinTicket(
  candidates: Candidate[],
  accountName: string | undefined,
  now: Date,
  ticket: IdentityClaims['ticket'],
): Choice | Denial {
  if (!ticket) return chooseTarget(candidates, accountName, now);
  const { hostId, accountId } = ticket;
  const within = candidates
    .filter(({ host }) => hostId === undefined || host.id === hostId)
    .map((candidate) => ({
      ...candidate,
      accounts: candidate.accounts.filter(({ id }) => accountId === undefined || id === accountId),
    }));
  const choice = chooseTarget(within, accountName, now);
  if (!('reason' in choice) || choice.reason === 'ambiguous') return choice;
  const without = chooseTarget(candidates, accountName, now);
  if ('reason' in without && without.reason !== 'ambiguous') return without;
  const meant = 'reason' in without ? without.hostId : without.host.id;
  return meant === undefined ? { reason: 'ticket' } : { reason: 'ticket', hostId: meant };
}
