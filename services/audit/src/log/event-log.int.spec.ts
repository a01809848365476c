import { randomUUID } from 'node:crypto';
import {
  ListEventsV1,
  SessionClosed,
  SessionId,
  UserCreated,
  UserId,
  UserSignedIn,
  type Role,
  type StoredEvent,
} from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import { waitFor } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAudit, stored, type Audit } from '../testing/audit-process.suite.js';

let audit: Audit;
let asset: AuditPublisher;
let auditor: string;
const alice = UserId.parse(randomUUID());
const bob = UserId.parse(randomUUID());
const signedIn = (userId: UserId, subject?: string) =>
  asset.publish(
    UserSignedIn,
    { userId, username: 'x', clientAddress: '::1', expiresAt: '2030-01-01T00:00:00Z' },
    subject === undefined ? {} : { subject },
  );

beforeAll(async () => {
  audit = await startAudit();
  await audit.start();
  asset = await audit.publisher('asset');
  auditor = await audit.actor({ roles: ['auditor'] });
  for (let i = 0; i < 12; i += 1) await signedIn(i % 3 === 0 ? bob : alice);
  await stored(audit, 12);
});
afterAll(() => audit.stop());

const list = (request: object = {}) =>
  audit.bus.request(ListEventsV1, { actor: auditor, limit: 50, order: 'asc', ...request });
const sequences = ({ items }: { items: StoredEvent[] }) => items.map((event) => event.sequence);
const everyPage = async (request: object): Promise<number[][]> => {
  const pages: number[][] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ ...request, cursor });
    pages.push(sequences(page));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return pages;
};

describe('the log', () => {
  it('shows events in dense sequence from 1, each the CloudEvent itself', async () => {
    const page = await list();
    expect(page.nextCursor).toBeUndefined();
    expect(sequences(page)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(page.items[1]).toMatchObject({
      specversion: '1.0',
      type: UserSignedIn.type,
      source: '/sallyport/asset',
      datacontenttype: 'application/json',
      data: { userId: alice, username: 'x', clientAddress: '::1' },
    });
  });

  it('pages exactly, in both orders and with a filter', async () => {
    expect(await everyPage({ limit: 5 })).toEqual([
      [1, 2, 3, 4, 5],
      [6, 7, 8, 9, 10],
      [11, 12],
    ]);
    expect(await everyPage({ limit: 6, order: 'desc' })).toEqual([
      [12, 11, 10, 9, 8, 7],
      [6, 5, 4, 3, 2, 1],
    ]);
    expect(await everyPage({ limit: 3, userId: bob })).toEqual([[1, 4, 7], [10]]);
  });

  it('refuses a cursor of another list', async () => {
    const { nextCursor } = await list({ limit: 1 });
    for (const cursor of [nextCursor, 'x', Buffer.from('event-desc:-1').toString('base64url')])
      await expect(list({ order: 'desc', cursor })).rejects.toMatchObject({ code: 'request.invalid' });
  });

  it('is for auditors alone, and records who else asked', async () => {
    for (const roles of [[], ['operator'], ['bastion-admin', 'secret-admin']] satisfies Role[][])
      await expect(list({ actor: await audit.actor({ roles }) })).rejects.toMatchObject({ code: 'access.forbidden' });
    await stored(audit, 15);
    const { items } = await list({ type: 'io.sallyport.request.' });
    expect(items.map(({ data }) => data['operation'])).toEqual(Array(3).fill(ListEventsV1.subject));
  });

  it('finds by type, beginning of a type, subject, session, user, actor and time', async () => {
    const before = await audit.count();
    const [carol, subject, sessionId] = [UserId.parse(randomUUID()), randomUUID(), randomUUID()];
    const user = { id: bob, username: 'bob', roles: [], publicKeys: [], status: 'active' as const };
    await asset.publish(UserCreated, { actorId: carol, user });
    await signedIn(alice, subject);
    const session = await audit.publisher('session');
    await session.publish(SessionClosed, {
      sessionId: SessionId.parse(sessionId),
      userId: alice,
      reason: 'client-left',
      durationMs: 1,
      bytesUp: 0,
      bytesDown: 0,
    });
    await stored(audit, before + 3);
    const [created, about, closed] = [before + 1, before + 2, before + 3];

    expect(sequences(await list({ type: 'io.sallyport.user.created.v1' }))).toEqual([created]);
    expect(sequences(await list({ type: 'io.sallyport.session.' }))).toEqual([closed]);
    expect(sequences(await list({ type: 'io.sallyport.sess' }))).toEqual([]);
    expect(sequences(await list({ type: 'io.sallyport.%.' }))).toEqual([]);
    expect(sequences(await list({ userId: carol }))).toEqual([created]);
    expect(sequences(await list({ subject }))).toEqual([about]);
    expect(sequences(await list({ sessionId }))).toEqual([closed]);
    const { items } = await list({ subject });
    const at = items[0]?.time ?? '';
    expect(sequences(await list({ since: at, subject }))).toEqual([about]);
    expect(sequences(await list({ until: at, subject }))).toEqual([]);
    expect(sequences(await list({ since: at, until: at }))).toEqual([]);
  });

  it('never changes, whoever asks the database for it', async () => {
    for (const statement of [
      'UPDATE event SET type = type',
      'DELETE FROM event',
      'TRUNCATE event',
      'DELETE FROM malformed_message',
    ])
      await expect(audit.query(statement)).rejects.toThrow(/append-only/);
  });
});

describe('what is no event', () => {
  const event = (changes: object) => ({
    specversion: '1.0',
    id: randomUUID(),
    type: 'io.sallyport.session.closed.v1',
    source: '/sallyport/session',
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: {},
    ...changes,
  });
  const cases: [string, string | Uint8Array][] = [
    ['text', 'hello'],
    ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
    ['JSON of another shape', '[]'],
    ['an event without id', JSON.stringify(event({ id: undefined }))],
    [
      'an event that its service may not tell of',
      JSON.stringify(event({ type: UserCreated.type, source: '/sallyport/asset' })),
    ],
    ["another service's name", JSON.stringify(event({ source: '/sallyport/asset' }))],
    ['a NUL', JSON.stringify(event({ subject: 'a\0b' }))],
    ['a time that nobody lived in', JSON.stringify(event({ time: '0000-01-01T00:00:00Z' }))],
    ['more than fits into an answer', JSON.stringify(event({ data: { x: 'x'.repeat(600_000) } }))],
  ];
  const kept = async (): Promise<number> => {
    const [row] = await audit.query('SELECT count(*)::int AS count FROM malformed_message');
    return Number(row?.['count']);
  };

  it.each(cases)('is kept apart and stops nothing: %s', async (_, payload) => {
    const [events, odd] = [await audit.count(), await kept()];
    await audit.publishRaw('session', 'audit.session.closed', payload);
    await signedIn(alice);
    await stored(audit, events + 1);
    await waitFor(async () => (await kept()) === odd + 1, { what: 'the message to be kept apart' });
    expect(await audit.count()).toBe(events + 1);
    const [row] = await audit.query('SELECT data FROM malformed_message ORDER BY stream_sequence DESC LIMIT 1');
    expect(Buffer.compare(row?.['data'] as Buffer, Buffer.from(payload as string))).toBe(0);
  });

  it('includes an id that is taken: the first event stays', async () => {
    const first = event({ data: { n: 1 } });
    const [events, odd] = [await audit.count(), await kept()];
    for (const n of [1, 2])
      await audit.publishRaw('session', 'audit.session.closed', JSON.stringify({ ...first, data: { n } }));
    await waitFor(async () => (await kept()) === odd + 1, { what: 'the second to be kept apart' });
    expect(await audit.count()).toBe(events + 1);
    const { items } = await list({ order: 'desc', limit: 1 });
    expect(items[0]).toMatchObject({ id: first.id, data: { n: 1 } });
  });
});

describe('large events', () => {
  it('come in pages that fit into an answer, and none is left out', async () => {
    const last = await audit.count();
    const subject = randomUUID();
    for (let i = 0; i < 5; i += 1) {
      await audit.publishRaw(
        'session',
        SessionClosed.subject,
        JSON.stringify({
          specversion: '1.0',
          id: randomUUID(),
          type: SessionClosed.type,
          source: '/sallyport/session',
          subject,
          time: new Date().toISOString(),
          datacontenttype: 'application/json',
          data: { text: 'x'.repeat(500_000) },
        }),
      );
    }
    await stored(audit, last + 5);
    const pages = await everyPage({ subject });
    expect(pages.flat()).toEqual([1, 2, 3, 4, 5].map((i) => last + i));
    expect(pages.length).toBe(5);
  });
});
