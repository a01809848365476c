import { SessionClosed, SessionLost, SessionOpened, SessionRefused, Username } from '@sallyport/contracts';
import type { LoggedEvent } from '../log/audit-event.js';

export interface Opening {
  readonly sessionId: string;
  readonly sequence: number;
  readonly openedAt: Date;
  readonly userId: string;
  readonly username: string;
  readonly clientAddress: string;
  readonly hostId: string;
  readonly hostName: string;
  readonly accountId: string;
  readonly accountName: string;
  /** Its process. */
  readonly replica?: string | undefined;
}

export interface Closing {
  readonly sessionId: string;
  readonly sequence: number;
  readonly closedAt: Date;
  readonly reason: string;
}

/** The reason of an end that nobody told of. Any other end counts before it. */
export const LOST = 'lost';

/** What events say of sessions. At most one of each kind for a session: the first in the log. */
export interface SessionChanges {
  readonly openings: readonly Opening[];
  readonly closings: readonly Closing[];
}

const openedData = SessionOpened.data.extend({ username: Username });

/** @param events in the order of the log. What does not fit its contract stays in the log and says nothing here. */
export function sessionChanges(events: readonly LoggedEvent[]): SessionChanges {
  const openings = new Map<string, Opening>();
  const closings = new Map<string, Closing>();
  for (const event of events) {
    if (!isText(event.data)) continue;
    const opening = openingOf(event);
    if (opening && !openings.has(opening.sessionId)) openings.set(opening.sessionId, opening);
    const closing = closingOf(event);
    const before = closing && closings.get(closing.sessionId);
    if (closing && (!before || (before.reason === LOST && closing.reason !== LOST)))
      closings.set(closing.sessionId, closing);
  }
  return { openings: [...openings.values()], closings: [...closings.values()] };
}

/** PostgreSQL has no NUL in text, and nobody's name has one. */
const isText = (data: LoggedEvent['data']): boolean =>
  !Object.values(data).some((value) => typeof value === 'string' && value.includes('\0'));

function openingOf({ type, data, time, sequence }: LoggedEvent): Opening | undefined {
  const opened = type === SessionOpened.type ? openedData.safeParse(data).data : undefined;
  return opened && { ...opened, sequence, openedAt: time };
}

/** A refusal closes as well: session may have been told late that its opening was recorded, and have given up by then. */
function closingOf({ type, data, time, sequence }: LoggedEvent): Closing | undefined {
  if (type === SessionClosed.type) {
    const closed = SessionClosed.data.safeParse(data).data;
    return closed && { sessionId: closed.sessionId, reason: closed.reason, sequence, closedAt: time };
  }
  if (type === SessionLost.type) {
    const lost = SessionLost.data.safeParse(data).data;
    return lost && { sessionId: lost.sessionId, reason: LOST, sequence, closedAt: time };
  }
  if (type === SessionRefused.type) {
    const refused = SessionRefused.data.safeParse(data).data;
    return refused && { sessionId: refused.sessionId, reason: refused.code, sequence, closedAt: time };
  }
  return undefined;
}
