import type {
  AccountId,
  Authorization,
  CertificateClaims,
  HostId,
  ReplyOf,
  RequestOf,
  ReviewSessionsV1,
  SessionId,
  UserId,
} from '@sallyport/contracts';
import type { Accounts } from '../account/accounts.js';
import type { Authorizations } from '../authorization/authorizations.js';
import { permits, validityAt } from '../authorization/authorization.js';
import type { CheckCertificate } from '../certificate/check-certificate.js';
import type { Clock } from '../clock/clock.js';
import type { PublicKeys } from '../public-key/public-keys.js';
import { whyNotAdmitted } from '../user/logon-rules.js';
import type { StoredUser } from '../user/user.js';
import type { Users } from '../user/users.js';
import type { GrantedSession, GrantedSessions } from './granted-sessions.js';
import type { Termination, Terminations } from './terminations.js';

type Named = RequestOf<typeof ReviewSessionsV1>['sessions'][number];
/** As it was granted; what a version before ours has granted, as its process names it. */
type OpenSession = Named & Pick<GrantedSession, 'fingerprint' | 'certificate'> & { readonly isGranted: boolean };
type Ended = ReplyOf<typeof ReviewSessionsV1>['ended'][number];

/**
 * Which of some open sessions have to end. A session goes on for as long as a logon would be permitted: the user stands, with the
 * key of that logon, or its certificate, whose time may be over; the account is there, and an authorization is live for it. What a ticket or a policy was at the logon is not
 * asked again. Whose session it is, and of which account, is what it was granted for, whatever its process says.
 */
export class ReviewSessions {
  constructor(
    private readonly users: Users,
    private readonly keys: PublicKeys,
    private readonly certificates: CheckCertificate,
    private readonly accounts: Accounts,
    private readonly authorizations: Authorizations,
    private readonly granted: GrantedSessions,
    private readonly terminations: Terminations,
    private readonly clock: Clock,
  ) {}

  async run(named: readonly Named[]): Promise<Ended[]> {
    const now = this.clock.now();
    const ids = named.map(({ sessionId }) => sessionId);
    const terminated = bySession(await this.terminations.of(ids));
    const granted = bySession(await this.granted.of(ids));
    const sessions = named.map((one) => asGranted(one, granted.get(one.sessionId)));
    const accounts = new Set((await this.accounts.of(...hostsOf(sessions))).map(({ id }) => id));
    const users = [...new Set(sessions.map(({ userId }) => userId))];
    const keys = new Set((await this.keys.of(...users)).map((key) => keyOf(key.userId, key.fingerprint)));
    const certificates = sessions.map(({ certificate }) => certificate).filter((one) => one !== undefined);
    const isKept = await this.certificates.kept(certificates);
    const ended: Ended[] = [];
    for (const userId of users) {
      const own = sessions.filter((session) => session.userId === userId);
      const user = await this.users.byId(userId);
      const authorizations = await this.authorizations.of(userId, hostsOf(own));
      for (const session of own) {
        const termination = terminated.get(session.sessionId);
        const text = termination
          ? await this.#terminated(session, termination, now)
          : whyRevoked(
              session,
              { user, keys, isKept, accounts, authorizations: authorizations.get(session.hostId) ?? [] },
              now,
            );
        if (text !== undefined)
          ended.push({ sessionId: session.sessionId, why: termination ? 'terminated' : 'revoked', text });
      }
    }
    return ended;
  }

  /** Before the session ends, so that nobody comes back between. */
  async #terminated(
    { userId, isGranted }: OpenSession,
    { reason, keepOutSeconds }: Termination,
    now: Date,
  ): Promise<string> {
    if (keepOutSeconds !== undefined && isGranted)
      await this.terminations.keepOut(userId, new Date(now.getTime() + keepOutSeconds * 1_000));
    return reason;
  }
}

const bySession = <T extends { readonly sessionId: SessionId }>(rows: readonly T[]): ReadonlyMap<SessionId, T> =>
  new Map(rows.map((row) => [row.sessionId, row]));
const asGranted = (named: Named, granted: GrantedSession | undefined): OpenSession => ({
  ...named,
  ...granted,
  isGranted: granted !== undefined,
});
const hostsOf = (sessions: readonly OpenSession[]): HostId[] => [...new Set(sessions.map(({ hostId }) => hostId))];
const keyOf = (userId: UserId, fingerprint: string): string => `${userId} ${fingerprint}`;

/** What there is now. */
interface Standing {
  readonly user: StoredUser | undefined;
  readonly keys: ReadonlySet<string>;
  /** Whether nobody took back what a certificate stands on. */
  readonly isKept: (certificate: CertificateClaims) => boolean;
  readonly accounts: ReadonlySet<AccountId>;
  /** Of the user, for the session's host. */
  readonly authorizations: readonly Authorization[];
}

function whyRevoked(
  { userId, clientAddress, accountId, fingerprint, certificate }: OpenSession,
  { user, keys, isKept, accounts, authorizations }: Standing,
  now: Date,
): string | undefined {
  if (!user || whyNotAdmitted(user, clientAddress, now) !== undefined) return 'you may not be logged on now';
  if (certificate) {
    if (!isKept(certificate)) return 'the certificate that you logged on with was revoked';
  } else if (fingerprint !== undefined && !keys.has(keyOf(userId, fingerprint)))
    return 'the key that you logged on with is gone';
  const live = authorizations.some((one) => permits(one, accountId) && validityAt(one, now) === 'live');
  return live && accounts.has(accountId) ? undefined : 'you may not use this host any more';
}
