import type { Authorization, HostId, ReplyOf, RequestOf, ReviewSessionsV1, UserId } from '@sallyport/contracts';
import type { Authorizations } from '../authorization/authorizations.js';
import { permits, validityAt } from '../authorization/authorization.js';
import type { Clock } from '../clock/clock.js';
import { whyNotAdmitted } from '../user/logon-rules.js';
import type { StoredUser } from '../user/user.js';
import type { Users } from '../user/users.js';
import type { Termination, Terminations } from './terminations.js';

type OpenSession = RequestOf<typeof ReviewSessionsV1>['sessions'][number];
type Ended = ReplyOf<typeof ReviewSessionsV1>['ended'][number];

/**
 * Which of some open sessions have to end. A session goes on for as long as a logon would be permitted: the user stands, and an
 * authorization is live for the account. What a key, a ticket or a policy was at the logon is not asked again.
 */
export class ReviewSessions {
  constructor(
    private readonly users: Users,
    private readonly authorizations: Authorizations,
    private readonly terminations: Terminations,
    private readonly clock: Clock,
  ) {}

  async run(sessions: readonly OpenSession[]): Promise<Ended[]> {
    const now = this.clock.now();
    const terminated = new Map(
      (await this.terminations.of(sessions.map(({ sessionId }) => sessionId))).map((one) => [one.sessionId, one]),
    );
    const ended: Ended[] = [];
    for (const userId of new Set(sessions.map((session) => session.userId))) {
      const own = sessions.filter((session) => session.userId === userId);
      const user = await this.users.byId(userId);
      const authorizations = await this.authorizations.of(userId, hostsOf(own));
      for (const session of own) {
        const termination = terminated.get(session.sessionId);
        if (termination) ended.push(await this.#terminated(userId, termination, now));
        else {
          const text = whyRevoked(session, user, authorizations, now);
          if (text !== undefined) ended.push({ sessionId: session.sessionId, why: 'revoked', text });
        }
      }
    }
    return ended;
  }

  /** Before the session ends, so that nobody comes back between. */
  async #terminated(userId: UserId, { sessionId, reason, keepOutSeconds }: Termination, now: Date): Promise<Ended> {
    if (keepOutSeconds !== undefined)
      await this.terminations.keepOut(userId, new Date(now.getTime() + keepOutSeconds * 1_000));
    return { sessionId, why: 'terminated', text: reason };
  }
}

const hostsOf = (sessions: readonly OpenSession[]): HostId[] => [...new Set(sessions.map(({ hostId }) => hostId))];

function whyRevoked(
  { clientAddress, hostId, accountId }: OpenSession,
  user: StoredUser | undefined,
  authorizations: readonly Authorization[],
  now: Date,
): string | undefined {
  if (!user || whyNotAdmitted(user, clientAddress, now) !== undefined) return 'you may not be logged on now';
  const live = authorizations.some(
    (one) => one.hostId === hostId && permits(one, accountId) && validityAt(one, now) === 'live',
  );
  return live ? undefined : 'you may not use this host any more';
}
