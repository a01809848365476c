import type { IdentityClaims, ReplyOf, ResolveTokenV1 } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { TokenSigner } from '@sallyport/tokens';
import type { Clock } from '../clock/clock.js';
import { whyNotAdmitted } from '../user/logon-rules.js';
import type { Users } from '../user/users.js';
import type { BearerTokens } from './bearer-tokens.js';

/** One call of the REST. */
const IDENTITY_LIFETIME_SECONDS = 60;

/** Who stands behind a bearer token, with the roles and the status that the person has now. */
export class ResolveToken {
  constructor(
    private readonly tokens: BearerTokens,
    private readonly users: Users,
    private readonly signer: TokenSigner,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError `access.unauthenticated` the token is unknown or expired, or its user is locked or kept out by a rule */
  async run(tokenHash: string, clientAddress: string): Promise<ReplyOf<typeof ResolveTokenV1>> {
    const owner = await this.tokens.owner(tokenHash, this.clock.now());
    const user = owner && (await this.users.byId(owner));
    if (!user || whyNotAdmitted(user, clientAddress, this.clock.now()))
      throw new DomainError('access.unauthenticated', 'sign in again');
    const { id: userId, username, roles } = user;
    const claims: IdentityClaims = { use: 'rest', userId, username, roles, method: 'token', clientAddress };
    return { identity: await this.signer.identity(claims, IDENTITY_LIFETIME_SECONDS), userId, username, roles };
  }
}
