import { ResolveTokenV1 } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Bus } from '@sallyport/messaging';
import type { Caller, Visitor } from '../endpoints/endpoint.js';
import { bearerToken, hashToken } from './bearer-token.js';

/**
 * Who sends a request, as asset says: nothing of it is remembered here, so a token that is revoked is dead at once.
 * @param authorization the header of that name
 * @throws DomainError `access.unauthenticated`
 */
export async function authenticate(bus: Bus, authorization: string | undefined, visitor: Visitor): Promise<Caller> {
  const token = bearerToken(authorization);
  if (token === undefined)
    throw new DomainError('access.unauthenticated', 'a bearer token is needed: POST /v1/sign-in');
  const tokenHash = hashToken(token);
  const resolved = await bus.request(ResolveTokenV1, { tokenHash, clientAddress: visitor.clientAddress });
  return { ...visitor, ...resolved, tokenHash };
}
