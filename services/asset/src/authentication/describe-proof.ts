import type { EventData, IdentityClaims, UserAuthenticated } from '@sallyport/contracts';
import type { Proven } from './judge-evidence.js';

/** How somebody proved who they are: for whoever believes the identity, and for the record. */
export interface DescribedProof {
  claims: Pick<IdentityClaims, 'method' | 'secondFactor' | 'fingerprint' | 'ticket'>;
  recorded: Pick<EventData<typeof UserAuthenticated>, 'method' | 'secondFactor' | 'fingerprint' | 'ticketId'>;
}

export function describeProof(proven: Proven): DescribedProof {
  const { method } = proven;
  switch (method) {
    case 'password':
      return { claims: { method }, recorded: { method } };
    case 'publickey':
      return {
        claims: { method, fingerprint: proven.fingerprint },
        recorded: { method, fingerprint: proven.fingerprint },
      };
    case 'ticket': {
      const { id: ticketId, hostId, accountId } = proven.ticket;
      return { claims: { method, ticket: { ticketId, hostId, accountId } }, recorded: { method, ticketId } };
    }
    case 'code': {
      const { method: first, fingerprint } = proven.first;
      const both = { method: first, secondFactor: 'totp', fingerprint } as const;
      return { claims: both, recorded: both };
    }
  }
}
