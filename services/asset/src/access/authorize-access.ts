import { randomUUID } from 'node:crypto';
import type { GrantClaims, IdentityClaims, RequestOf } from '@sallyport/contracts';
import { AccessDenied, AccessGranted, AuthorizeAccessV1, GrantId } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import { grantLifetimeSeconds, type TokenSigner, type TokenVerifier } from '@sallyport/tokens';
import { combinePermissions } from '../authorization/combine-permissions.js';
import { restrictionsOf, restrictPolicy } from '../certificate/certificate-rules.js';
import type { Clock } from '../clock/clock.js';
import type { HostKeys } from '../host-key/host-keys.js';
import type { GrantedSessions } from '../session/granted-sessions.js';
import type { Candidates } from './candidates.js';
import type { Choice, Denial } from './choose-target.js';
import { recordRefusedToken } from './record-refused-token.js';
import type { Standing } from './standing.js';
import { chooseWithinTicket } from './within-ticket.js';

export type AccessRequest = RequestOf<typeof AuthorizeAccessV1>;

/** Issues the right to use one credential once, to somebody who proved who they are on this connection. */
export class AuthorizeAccess {
  constructor(
    private readonly verifier: TokenVerifier,
    private readonly signer: TokenSigner,
    private readonly standing: Standing,
    private readonly candidates: Candidates,
    private readonly hostKeys: HostKeys,
    private readonly sessions: GrantedSessions,
    private readonly clock: Clock,
    private readonly audit: AuditPublisher,
  ) {}

  /**
   * @returns a grant token, after its record is stored
   * @throws DomainError `access.unauthenticated` the identity does not hold, or no longer stands: its user is locked, gone or
   *   kept out by a rule, or the key or the ticket was taken away
   * @throws DomainError `access.kept-out` a session of the user was ended, for a while
   * @throws DomainError `target.not-found` absent and forbidden alike; the audit event has the difference
   * @throws DomainError `target.ambiguous` with the choices
   * @throws DomainError `request.invalid` the session is another user's
   * @throws DomainError `audit.unavailable`
   */
  async run(request: AccessRequest): Promise<string> {
    const about = { contract: AuthorizeAccessV1, sessionId: request.sessionId };
    const identity = await recordRefusedToken(this.audit, about, this.verifier.identity(request.identity, 'ssh'));
    const candidates = await this.candidates.called(request.target.host, identity.userId);
    const flaw = await this.standing.flaw(identity);
    if (flaw) return this.#refuseIdentity(request, identity, flaw);
    const choice = chooseWithinTicket(candidates, request.target.account, this.clock.now(), identity.ticket);
    return 'reason' in choice ? this.#refuse(request, identity, choice) : this.#grant(request, identity, choice);
  }

  async #grant(request: AccessRequest, identity: IdentityClaims, choice: Choice): Promise<string> {
    const { host, account, authorizations } = choice;
    const { policy: permitted, limits } = combinePermissions(authorizations);
    const { userId, username, clientAddress, fingerprint, certificate } = identity;
    const policy = restrictPolicy(permitted, certificate);
    const restrictions = restrictionsOf(certificate);
    const { sessionId, sealTo } = request;
    const session = { sessionId, userId, hostId: host.id, accountId: account.id, fingerprint, certificate };
    const [pinned, isOwn] = await Promise.all([
      this.hostKeys.of(host.id),
      this.sessions.add(session, this.clock.now()),
    ]);
    if (!isOwn) throw new DomainError('request.invalid', 'this session is another user’s');
    const grant: GrantClaims = {
      grantId: GrantId.parse(randomUUID()),
      sessionId,
      userId,
      username,
      clientAddress,
      host: {
        hostId: host.id,
        name: host.name,
        address: host.address,
        port: host.port,
        hostKeys: pinned.map((key) => key.fingerprint),
        hostKeyTypes: [...new Set(pinned.map((key) => key.type))],
      },
      account: {
        accountId: account.id,
        userName: account.userName,
        kind: account.kind,
        secretName: account.secretName,
        regionId: account.regionId,
      },
      sealTo,
      policy,
      limits,
      restrictions,
    };
    await this.audit.publish(AccessGranted, {
      userId,
      username,
      clientAddress,
      sessionId,
      grantId: grant.grantId,
      hostId: host.id,
      hostName: host.name,
      accountId: account.id,
      accountName: account.userName,
      kind: account.kind,
      secretName: account.secretName,
      expiresAt: new Date(this.clock.now().getTime() + grantLifetimeSeconds * 1_000).toISOString(),
      authorizationIds: authorizations.map((one) => one.id),
      policy,
      limits,
      restrictions,
    });
    return this.signer.grant(grant);
  }

  /** Something is no longer as it was at the logon: whoever it was is nobody here any more. */
  async #refuseIdentity(request: AccessRequest, identity: IdentityClaims, reason: Denial['reason']): Promise<never> {
    await this.#recordDenial(request, identity, { reason });
    if (reason === 'kept-out')
      throw new DomainError('access.kept-out', 'a session of yours was ended, and you may not log on again yet');
    throw new DomainError('access.unauthenticated', 'not authenticated');
  }

  async #refuse(request: AccessRequest, identity: IdentityClaims, denial: Denial): Promise<never> {
    await this.#recordDenial(request, identity, denial);
    if (denial.advice !== undefined) throw new DomainError('target.ambiguous', denial.advice);
    throw new DomainError('target.not-found', 'there is no such target, or you may not use it');
  }

  async #recordDenial(
    request: AccessRequest,
    identity: IdentityClaims,
    { reason, hostId }: Pick<Denial, 'reason' | 'hostId'>,
  ): Promise<void> {
    const { userId, username, clientAddress } = identity;
    const { sessionId, target } = request;
    const typed = target.account === undefined ? target.host : `${target.account}@${target.host}`;
    const event = { userId, username, clientAddress, sessionId, target: typed, reason };
    await this.audit.publish(AccessDenied, hostId === undefined ? event : { ...event, hostId });
  }
}
