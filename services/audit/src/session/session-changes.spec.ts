import { randomUUID } from 'node:crypto';
import { SessionClosed, SessionLost, SessionOpened, SessionRefused } from '@sallyport/contracts';
import { describe, expect, it } from 'vitest';
import type { LoggedEvent } from '../log/audit-event.js';
import { sessionChanges } from './session-changes.js';

const sessionId = randomUUID();
const event = (sequence: number, type: string, data: Record<string, unknown>): LoggedEvent => ({
  sequence,
  id: randomUUID(),
  type,
  source: '/sallyport/session',
  subject: sessionId,
  time: new Date(sequence * 1_000),
  sessionId,
  userId: undefined,
  actorId: undefined,
  hostId: undefined,
  accountId: undefined,
  secretName: undefined,
  secretVersionId: undefined,
  command: undefined,
  data,
  body: '',
  leafHash: Buffer.alloc(32),
});
const closed = { sessionId, userId: randomUUID(), reason: 'error', durationMs: 1, bytesUp: 0, bytesDown: 0 };

describe('what events say of sessions', () => {
  it('is nothing where they do not fit their contract', () => {
    const events = [SessionOpened, SessionClosed, SessionLost, SessionRefused].map(({ type }, n) =>
      event(n + 1, type, {}),
    );
    expect(sessionChanges(events)).toEqual({ openings: [], closings: [] });
  });

  it('is nothing where the database could not hold the words', () => {
    const refused = { sessionId, username: 'a', clientAddress: '::1', target: 'x', code: 'a\0' };
    expect(sessionChanges([event(1, SessionRefused.type, refused)]).closings).toEqual([]);
  });

  it('is the end that was told of, rather than that nobody told of one', () => {
    const lost = (sequence: number) => event(sequence, SessionLost.type, { sessionId, userId: closed.userId });
    const [first] = sessionChanges([lost(1), lost(2)]).closings;
    expect(first).toEqual({ sessionId, sequence: 1, reason: 'lost', closedAt: new Date(1_000) });
    for (const events of [
      [lost(1), event(2, SessionClosed.type, closed)],
      [event(2, SessionClosed.type, closed), lost(3)],
    ])
      expect(sessionChanges(events).closings).toMatchObject([{ sequence: 2, reason: 'error' }]);
  });

  it('is the first end of each session', () => {
    const events = [
      event(1, SessionClosed.type, closed),
      event(2, SessionClosed.type, { ...closed, reason: 'client-left' }),
    ];
    expect(sessionChanges(events).closings).toEqual([
      { sessionId, sequence: 1, reason: 'error', closedAt: new Date(1_000) },
    ]);
  });
});
