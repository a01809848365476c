import type { EventData, IdentityClaims } from '@sallyport/contracts';
import type { AccessDenied } from '@sallyport/contracts';
import type { CheckCertificate } from '../certificate/check-certificate.js';
import type { Clock } from '../clock/clock.js';
import type { PublicKeys } from '../public-key/public-keys.js';
import type { Terminations } from '../session/terminations.js';
import type { Tickets } from '../ticket/tickets.js';
import { whyNotAdmitted } from '../user/logon-rules.js';
import type { Users } from '../user/users.js';

/** For auditors. `expired` and `not-yet-valid` are words for an authorization, so a user's have other ones. */
export type StandingFlaw = Extract<
  EventData<typeof AccessDenied>['reason'],
  | 'locked'
  | 'user-not-yet-valid'
  | 'user-expired'
  | 'denied-address'
  | 'out-of-hours'
  | 'key-removed'
  | 'certificate-expired'
  | 'certificate-revoked'
  | 'unknown-authority'
  | 'ticket-removed'
  | 'kept-out'
>;

/** Whether an identity still stands on what it was given for: it may be hours old. */
export class Standing {
  constructor(
    private readonly users: Users,
    private readonly keys: PublicKeys,
    private readonly certificates: CheckCertificate,
    private readonly tickets: Tickets,
    private readonly terminations: Terminations,
    private readonly clock: Clock,
  ) {}

  /** @returns why it does not; undefined when it stands */
  async flaw(identity: IdentityClaims): Promise<StandingFlaw | undefined> {
    const { userId, fingerprint, certificate, ticket, clientAddress } = identity;
    const now = this.clock.now();
    const user = await this.users.byId(userId);
    const notAdmitted = user ? whyNotAdmitted(user, clientAddress, now) : 'locked';
    if (notAdmitted === 'expired' || notAdmitted === 'not-yet-valid') return `user-${notAdmitted}`;
    if (notAdmitted) return notAdmitted;
    if (certificate) {
      const flaw = await this.certificates.standing(certificate, now);
      if (flaw) return flaw;
    } else if (fingerprint !== undefined && !(await this.keys.byFingerprint(userId, fingerprint))) return 'key-removed';
    if (ticket && !(await this.tickets.stands(ticket.ticketId, now))) return 'ticket-removed';
    return (await this.terminations.isKeptOut(userId, now)) ? 'kept-out' : undefined;
  }
}
