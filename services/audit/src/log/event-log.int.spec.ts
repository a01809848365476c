import { randomUUID } from 'node:crypto';
import {
  ChannelOpened,
  CredentialPrepared,
  ListEventsV1,
  SessionClosed,
  SessionId,
  UserCreated,
  UserId,
  UserSignedIn,
  type Role,
} from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import { waitFor } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAudit, stored, type Audit } from '../testing/audit-process.suite.js';
import { eventList, publishSignIn, sequences } from './event-list.suite.js';

let audit: Audit;
let asset: AuditPublisher;
let events: Awaited<ReturnType<typeof eventList>>;
const alice = UserId.parse(randomUUID());
const bob = UserId.parse(randomUUID());
const signedIn = (userId: UserId, subject?: string) => publishSignIn(asset, userId, subject);

beforeAll(async () => {
  audit = await startAudit();
  await audit.start();
  asset = await audit.publisher('asset');
  events = await eventList(audit);
  for (let i = 0; i < 12; i += 1) await signedIn(i % 3 === 0 ? bob : alice);
  await stored(audit, 12);
});
afterAll(() => audit.stop());

describe('the log', () => {
  it('shows events in dense sequence from 1, each the CloudEvent itself', async () => {
    const page = await events.list({ type: UserSignedIn.type });
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
    expect(await events.everyPage({ limit: 5, type: UserSignedIn.type })).toEqual([
      [1, 2, 3, 4, 5],
      [6, 7, 8, 9, 10],
      [11, 12],
    ]);
    expect(await events.everyPage({ limit: 6, order: 'desc', type: UserSignedIn.type })).toEqual([
      [12, 11, 10, 9, 8, 7],
      [6, 5, 4, 3, 2, 1],
    ]);
    expect(await events.everyPage({ limit: 3, userId: bob })).toEqual([[1, 4, 7], [10]]);
  });

  it('refuses a cursor of another list', async () => {
    const { nextCursor } = await events.list({ limit: 1 });
    for (const cursor of [nextCursor, 'x', Buffer.from('event-desc:-1').toString('base64url')])
      await expect(events.list({ order: 'desc', cursor })).rejects.toMatchObject({ code: 'request.invalid' });
  });

  it('is for auditors alone, and records who else asked', async () => {
    for (const roles of [[], ['operator'], ['bastion-admin', 'secret-admin']] satisfies Role[][])
      await expect(events.list({ actor: await audit.actor({ roles }) })).rejects.toMatchObject({
        code: 'access.forbidden',
      });
    await stored(audit, 15);
    const { items } = await events.list({ type: 'io.sallyport.request.' });
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
    const only = async (request: object): Promise<number> => {
      const found = sequences(await events.list(request));
      expect(found, JSON.stringify(request)).toHaveLength(1);
      return found[0] ?? 0;
    };
    const created = await only({ type: 'io.sallyport.user.created.v1' });
    const closed = await only({ type: 'io.sallyport.session.' });
    const about = await only({ subject });
    expect([created, about, closed].toSorted((a, b) => a - b)).toEqual([created, about, closed]);
    expect(sequences(await events.list({ type: 'io.sallyport.sess' }))).toEqual([]);
    expect(sequences(await events.list({ type: 'io.sallyport.%.' }))).toEqual([]);
    expect(sequences(await events.list({ userId: carol }))).toEqual([created]);
    expect(sequences(await events.list({ sessionId }))).toEqual([closed]);
    expect(sequences(await events.list({ subject: sessionId }))).toEqual([closed]);
    const { items } = await events.list({ subject });
    const at = items[0]?.time ?? '';
    expect(sequences(await events.list({ since: at, subject }))).toEqual([about]);
    expect(sequences(await events.list({ until: at, subject }))).toEqual([]);
    expect(sequences(await events.list({ since: at, until: at }))).toEqual([]);
  });

  it('F9: tells who looked at it and at what, once for the pages of one view', async () => {
    const eve = UserId.parse(randomUUID());
    const actor = await audit.actor({ roles: ['auditor'], userId: eve, username: 'eve' });
    const ask = (request: object) => audit.bus.request(ListEventsV1, { actor, limit: 1, order: 'asc', ...request });
    const { nextCursor } = await ask({ userId: bob });
    await ask({ userId: bob, cursor: nextCursor });
    await ask({ userId: alice });
    const views = () => events.list({ type: 'io.sallyport.audit-log.viewed.v1', userId: eve });
    await waitFor(async () => (await views()).items.length === 2, { what: 'two views on record' });
    expect((await views()).items.map(({ data }) => data)).toEqual(
      [bob, alice].map((userId) => ({
        actorId: eve,
        username: 'eve',
        clientAddress: '127.0.0.1',
        operation: 'list',
        filter: { userId },
      })),
    );
  });

  it('finds which sessions used a version of a secret, and who ran a command after a leak', async () => {
    const broker = await audit.publisher('secret-broker');
    const uses = [
      ['v7', 'acs/ecs/web-1'],
      ['v7', 'acs/ecs/web-2'],
      ['v8', 'acs/ecs/web-1'],
    ].map(([secretVersionId = '', secretName = '']) => ({
      grantId: randomUUID(),
      sessionId: randomUUID(),
      userId: alice,
      hostId: randomUUID(),
      accountId: randomUUID(),
      secretName,
      secretVersionId,
      kmsRequestId: randomUUID(),
      kind: 'password' as const,
    }));
    const before = await audit.count();
    for (const use of uses) await broker.publish(CredentialPrepared, CredentialPrepared.data.parse(use));
    const session = await audit.publisher('session');
    const channel = { sessionId: SessionId.parse(randomUUID()), userId: alice, channel: 0, terminal: false };
    for (const command of ['systemctl restart nginx', 'cat 100%_done']) {
      const data = { ...channel, kind: 'exec', command } as const;
      await session.publish(ChannelOpened, ChannelOpened.data.parse(data));
    }
    await stored(audit, before + 5);
    const sessionsOf = async (request: object) =>
      (await events.list(request)).items.map(({ data }) => data['sessionId']);
    const [first, second, third] = uses.map((use) => use.sessionId);
    expect(await sessionsOf({ secretVersionId: 'v7' })).toEqual([first, second]);
    expect(await sessionsOf({ secretVersionId: 'v7', secretName: 'acs/ecs/web-1' })).toEqual([first]);
    expect(await sessionsOf({ secretName: 'acs/ecs/web-1' })).toEqual([first, third]);
    expect(await sessionsOf({ hostId: uses[1]?.hostId })).toEqual([second]);
    expect(await sessionsOf({ accountId: uses[2]?.accountId })).toEqual([third]);
    expect(await sessionsOf({ command: 'RESTART nginx' })).toEqual([channel.sessionId]);
    expect(await sessionsOf({ command: '0%_d' })).toEqual([channel.sessionId]);
    expect(await sessionsOf({ command: 's_stemctl' })).toEqual([]);
    await expect(events.list({ command: 'ab' })).rejects.toMatchObject({ code: 'request.invalid' });
  });

  it('pages exactly while events arrive at two replicas, in both orders and with a filter', async () => {
    await audit.start();
    const [before, carol] = [await audit.count(), UserId.parse(randomUUID())];
    const arriving = Promise.all(Array.from({ length: 300 }, (_, n) => signedIn(n % 3 === 0 ? carol : alice)));
    const meanwhile = Promise.all([events.everyPage({ limit: 7 }), events.everyPage({ limit: 5, order: 'desc' })]);
    const forward: number[] = [];
    for (let cursor: string | undefined; forward.length < 98;) {
      const page = await events.list({ limit: 7, userId: carol, cursor });
      // Without a next page this one may grow: it is asked for again.
      if (page.nextCursor === undefined) continue;
      forward.push(...sequences(page));
      cursor = page.nextCursor;
    }
    await arriving;
    await stored(audit, before + 300);
    const carols = (await events.everyPage({ limit: 50, userId: carol })).flat();
    expect(carols).toHaveLength(100);
    expect(forward).toEqual(carols.slice(0, 98));
    const [asc = [], desc = []] = (await meanwhile).map((pages) => pages.flat());
    expect(asc.length).toBeGreaterThanOrEqual(before);
    expect(asc).toEqual(asc.map((_, n) => n + 1));
    expect(desc.length).toBeGreaterThanOrEqual(before);
    expect(desc).toEqual(desc.map((_, n) => desc.length - n));
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
