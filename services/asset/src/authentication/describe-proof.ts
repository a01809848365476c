import type { CertificateClaims, EventData, IdentityClaims, UserAuthenticated } from '@sallyport/contracts';
import type { Proven } from './judge-evidence.js';

/** How somebody proved who they are: for whoever believes the identity, and for the record. */
export interface DescribedProof {
  claims: Pick<IdentityClaims, 'method' | 'secondFactor' | 'fingerprint' | 'certificate' | 'ticket'>;
  recorded: Pick<
    EventData<typeof UserAuthenticated>,
    'method' | 'secondFactor' | 'fingerprint' | 'certificate' | 'ticketId'
  >;
}

export function describeProof(proven: Proven): DescribedProof {
  const { method } = proven;
  switch (method) {
    case 'password':
      return { claims: { method }, recorded: { method } };
    case 'publickey':
      return describeKey(method, proven.fingerprint, proven.certificate);
    case 'ticket': {
      const { id: ticketId, hostId, accountId } = proven.ticket;
      return { claims: { method, ticket: { ticketId, hostId, accountId } }, recorded: { method, ticketId } };
    }
    case 'code': {
      const { method: first, fingerprint, certificate } = proven.first;
      const { claims, recorded } = describeKey(first, fingerprint, certificate);
      const secondFactor = 'totp' as const;
      return { claims: { ...claims, secondFactor }, recorded: { ...recorded, secondFactor } };
    }
  }
}

function describeKey(
  method: 'password' | 'publickey',
  fingerprint: string | undefined,
  certificate: CertificateClaims | undefined,
): DescribedProof {
  if (!certificate) return { claims: { method, fingerprint }, recorded: { method, fingerprint } };
  const { authority, serial, keyId } = certificate;
  return {
    claims: { method, fingerprint, certificate },
    recorded: { method, fingerprint, certificate: { authority, serial, keyId } },
  };
}
