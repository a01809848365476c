import type { GetSessionV1, IdentityClaims, ListSessionsV1, ReplyOf, RequestOf } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { decodeCursor, encodeCursor } from '../paging/cursor.js';
import type { SessionIndex } from './session-index.js';

type Viewer = Pick<IdentityClaims, 'userId' | 'roles'>;

/** Sessions as their viewer may see them: an auditor all, anybody else his own. */
export class ShowSessions {
  constructor(private readonly sessions: SessionIndex) {}

  /**
   * @throws DomainError `request.invalid` the cursor is not one of this list
   * @throws DomainError `access.forbidden` whoever is no auditor asks by secret: that would tell him its name
   */
  async list(
    { cursor, limit, ...filter }: Omit<RequestOf<typeof ListSessionsV1>, 'actor'>,
    viewer: Viewer,
  ): Promise<ReplyOf<typeof ListSessionsV1>> {
    const before = decodeCursor('session', cursor);
    const own = sessionsOf(viewer);
    const { userId = own, secretName, secretVersionId } = filter;
    if (own !== undefined && (secretName ?? secretVersionId) !== undefined)
      throw new DomainError('access.forbidden', 'only auditors find sessions by their secret');
    if (own !== undefined && userId !== own) return { items: [] };
    const found = await this.sessions.page({ ...filter, userId }, before, limit + 1);
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    const more = shown.length < found.length;
    return {
      items: shown.map(({ session }) => session),
      ...(more && last ? { nextCursor: encodeCursor('session', last.sequence) } : {}),
    };
  }

  /** @throws DomainError `session.not-found` there is none, or it is another's: the two look the same */
  async get(sessionId: string, viewer: Viewer): Promise<ReplyOf<typeof GetSessionV1>> {
    const session = await this.sessions.get(sessionId);
    const own = sessionsOf(viewer);
    if (!session || (own !== undefined && session.userId !== own))
      throw new DomainError('session.not-found', 'there is no such session');
    return session;
  }
}

/** Undefined: of everybody. */
const sessionsOf = ({ roles, userId }: Viewer) => (roles.includes('auditor') ? undefined : userId);
