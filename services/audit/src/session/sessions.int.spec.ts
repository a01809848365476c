import { randomUUID } from 'node:crypto';
import {
  AuditLogViewed,
  ChannelOpened,
  CredentialPrepared,
  GetSessionV1,
  ListCommandsV1,
  ListEventsV1,
  ListSessionsV1,
  SessionClosed,
  SessionId,
  SessionLost,
  SessionOpened,
  SessionRefused,
  UserId,
  type EventData,
  type Role,
} from '@sallyport/contracts';
import { JetStreamRecordingStream, type AuditPublisher } from '@sallyport/messaging';
import { eventLine, hashChunk, headerLine } from '@sallyport/recording';
import { waitFor } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAudit, stored, type Audit } from '../testing/audit-process.suite.js';

let audit: Audit;
let session: AuditPublisher;
const alice = UserId.parse(randomUUID());
const bob = UserId.parse(randomUUID());
const ids = Array.from({ length: 7 }, () => SessionId.parse(randomUUID()));
const id = (n: number) => ids[n] ?? SessionId.parse(randomUUID());

const opened = (sessionId: SessionId, userId: UserId, replica?: string) =>
  session.publish(SessionOpened, {
    sessionId,
    userId,
    username: userId === alice ? 'alice' : 'bob',
    clientAddress: '192.0.2.7',
    hostId: randomUUID(),
    hostName: 'web-1',
    address: '198.51.100.1',
    port: 22,
    accountId: randomUUID(),
    accountName: 'root',
    grantId: randomUUID(),
    secretVersionId: 'v1',
    hostKeyFingerprint: `SHA256:${'A'.repeat(43)}`,
    attempts: 1,
    ...(replica !== undefined && { replica }),
  } as EventData<typeof SessionOpened>);
const closed = (sessionId: SessionId, userId: UserId, reason: 'client-left' | 'error' = 'client-left') =>
  session.publish(SessionClosed, { sessionId, userId, reason, durationMs: 1, bytesUp: 2, bytesDown: 3 });
const asViewer = async (roles: Role[], userId: UserId) => ({ actor: await audit.actor({ roles, userId }) });
const list = async (viewer: { actor: string }, request: object = {}) =>
  audit.bus.request(ListSessionsV1, { ...viewer, limit: 50, ...request });
const idsOf = ({ items }: { items: { id: string }[] }) => items.map((item) => item.id);

beforeAll(async () => {
  audit = await startAudit();
  await audit.start();
  session = await audit.publisher('session');
  for (let n = 0; n < 5; n += 1) {
    await opened(id(n), n % 2 === 0 ? alice : bob);
    const now = Date.now(); // each has a millisecond of its own
    await waitFor(() => Date.now() > now, { what: 'the next millisecond', everyMs: 1 });
  }
  await closed(id(0), alice);
  await closed(id(0), alice, 'error'); // the first end counts
  await stored(audit, 7);
  await waitFor(async () => idsOf(await list(await asViewer(['auditor'], bob), { status: 'closed' })).length === 1, {
    what: 'the session to be closed',
  });
});
afterAll(() => audit.stop());

describe('sessions', () => {
  it('are shown to an auditor newest first, in exact pages', async () => {
    const auditor = await asViewer(['auditor'], bob);
    const first = await list(auditor, { limit: 3 });
    expect(idsOf(first)).toEqual([id(4), id(3), id(2)]);
    const second = await list(auditor, { limit: 3, cursor: first.nextCursor });
    expect(idsOf(second)).toEqual([id(1), id(0)]);
    expect(second.nextCursor).toBeUndefined();
    expect(second.items[1]).toMatchObject({
      userId: alice,
      username: 'alice',
      hostName: 'web-1',
      accountName: 'root',
      status: 'closed',
      closeReason: 'client-left',
    });
    expect(second.items[0]).toMatchObject({ status: 'active' });
    expect(second.items[0]).not.toHaveProperty('closedAt');
    expect(idsOf(await list(auditor, { status: 'active', userId: alice }))).toEqual([id(4), id(2)]);
    await expect(list(auditor, { cursor: 'x' })).rejects.toMatchObject({ code: 'request.invalid' });
  });

  it('of others do not exist for an operator', async () => {
    const operator = await asViewer(['operator'], bob);
    expect(idsOf(await list(operator))).toEqual([id(3), id(1)]);
    expect(idsOf(await list(operator, { userId: alice }))).toEqual([]);
    expect((await audit.bus.request(GetSessionV1, { ...operator, sessionId: id(1) })).id).toBe(id(1));
    const absent = audit.bus.request(GetSessionV1, { ...operator, sessionId: SessionId.parse(randomUUID()) });
    const foreign = audit.bus.request(GetSessionV1, { ...operator, sessionId: id(0) });
    const errors = await Promise.all([absent, foreign].map((one) => one.catch((error: unknown) => error)));
    expect(errors[0]).toEqual(errors[1]);
    expect(errors[0]).toMatchObject({ code: 'session.not-found' });
  });

  it('are found by host, account, time, and by the version of a secret that they used', async () => {
    const auditor = await asViewer(['auditor'], bob);
    const all = await list(auditor);
    const third = all.items.find((item) => item.id === id(2));
    for (const filter of [{ hostId: third?.hostId }, { accountId: third?.accountId }])
      expect(idsOf(await list(auditor, filter))).toEqual([id(2)]);
    expect(idsOf(await list(auditor, { since: third?.openedAt }))).toEqual([id(4), id(3), id(2)]);
    expect(idsOf(await list(auditor, { until: third?.openedAt }))).toEqual([id(1), id(0)]);

    const before = await audit.count();
    const broker = await audit.publisher('secret-broker');
    const secretName = 'acs/ecs/web-1';
    for (const [n, secretVersionId] of ['v6', 'v7', 'v7', 'v8'].entries())
      await broker.publish(
        CredentialPrepared,
        CredentialPrepared.data.parse({
          ...{ sessionId: id(n), userId: alice, hostId: randomUUID(), accountId: randomUUID(), grantId: randomUUID() },
          ...{ secretName, secretVersionId, kind: 'password', kmsRequestId: 'r1' },
        }),
      );
    await stored(audit, before + 4);
    expect(idsOf(await list(auditor, { secretName, secretVersionId: 'v7' }))).toEqual([id(2), id(1)]);
    const page = await list(auditor, { secretName, limit: 3 });
    expect(idsOf(page)).toEqual([id(3), id(2), id(1)]);
    expect(idsOf(await list(auditor, { secretName, limit: 3, cursor: page.nextCursor }))).toEqual([id(0)]);
    expect(idsOf(await list(auditor, { secretVersionId: 'v7', userId: bob }))).toEqual([id(1)]);
    expect(idsOf(await list(auditor, { secretName: 'acs/ecs/web-2', secretVersionId: 'v7' }))).toEqual([]);
    for (const filter of [{ secretName }, { secretVersionId: 'v7' }])
      await expect(list(await asViewer(['operator'], bob), filter)).rejects.toMatchObject({ code: 'access.forbidden' });
  });

  it('are hidden from everybody else', async () => {
    const admin = await asViewer(['bastion-admin', 'secret-admin'], alice);
    await expect(list(admin)).rejects.toMatchObject({ code: 'access.forbidden' });
    const one = audit.bus.request(GetSessionV1, { ...admin, sessionId: id(0) });
    await expect(one).rejects.toMatchObject({ code: 'access.forbidden' });
  });

  it('end as well when the end came into the log before the beginning, or as a refusal', async () => {
    const auditor = await asViewer(['auditor'], bob);
    const before = await audit.count();
    await closed(id(5), alice);
    await stored(audit, before + 1);
    await opened(id(5), alice);
    await opened(id(6), alice);
    await session.publish(SessionRefused, {
      sessionId: id(6),
      userId: alice,
      username: 'alice',
      clientAddress: '192.0.2.7',
      target: 'root@web-1',
      code: 'audit.unavailable',
    });
    await stored(audit, before + 4);
    expect(await audit.bus.request(GetSessionV1, { ...auditor, sessionId: id(5) })).toMatchObject({ status: 'closed' });
    expect(await audit.bus.request(GetSessionV1, { ...auditor, sessionId: id(6) })).toMatchObject({
      status: 'closed',
      closeReason: 'audit.unavailable',
    });
  });

  it('are lost with their process, unless it tells of their end after all; those of one that answers go on', async () => {
    const auditor = await asViewer(['auditor'], bob);
    const [gone, alive] = [randomUUID(), await audit.liveReplica()];
    const [lost, late, open] = Array.from({ length: 3 }, () => SessionId.parse(randomUUID()));
    if (!lost || !late || !open) throw new Error('three sessions');
    await Promise.all([opened(lost, alice, gone), opened(late, alice, gone), opened(open, alice, alive)]);
    const shown = async (sessionId: SessionId) => {
      const { status, closeReason } = await audit.bus.request(GetSessionV1, { ...auditor, sessionId });
      return [status, closeReason];
    };
    await waitFor(async () => (await shown(lost))[0] === 'closed' && (await shown(late))[0] === 'closed', {
      what: 'the sessions of a process that is gone to be lost',
      timeoutMs: 60_000,
    });
    await closed(late, alice);
    await waitFor(async () => (await shown(late))[1] === 'client-left', { what: 'the end that was told of' });
    expect(await Promise.all([lost, late, open].map(shown))).toEqual([
      ['closed', 'lost'],
      ['closed', 'client-left'],
      ['active', undefined],
    ]);
    const events = await audit.bus.request(ListEventsV1, {
      ...auditor,
      type: SessionLost.type,
      order: 'asc',
      limit: 10,
    });
    expect(events.items.map(({ data }) => data['sessionId']).sort()).toEqual([lost, late].sort());
  });
});

describe('what was run', () => {
  const commands = async (viewer: { actor: string }, request: object = {}) =>
    audit.bus.request(ListCommandsV1, { ...viewer, limit: 50, ...request });
  const said = ({ items }: { items: { command: string; source: string }[] }) =>
    items.map(({ command, source }) => `${source}: ${command}`);

  it('is found by text, user, host, session and time: as given, and as the screen of a stored recording showed it', async () => {
    const sessionId = id(1);
    const data = { sessionId, userId: bob };
    const exec = { ...data, kind: 'exec', terminal: false } as const;
    for (const [channel, command] of ['systemctl restart nginx', '100%_sure'].entries())
      await session.publish(ChannelOpened, ChannelOpened.data.parse({ ...exec, channel, command }));
    const shell = { ...data, channel: 2, kind: 'shell', terminal: true };
    await session.publish(ChannelOpened, ChannelOpened.data.parse(shell));
    const stream = new JetStreamRecordingStream(await audit.connectAs('session'));
    const chunk = Buffer.from(
      [
        headerLine({
          version: 2,
          width: 80,
          height: 24,
          timestamp: 1_700_000_000,
          sallyport: { sessionId, channel: 2 },
        }),
        ...['bob@web-1:~$ ', 'sudo -i\r\n', '[sudo] password for bob: '].map((text) => eventLine(1_000, 'o', text)),
        eventLine(2_000, 'i', 'hunter2\r'),
        ...['\r\n', 'root@web-1:~# ', 'systemctl stop nginx\r\n'].map((text) => eventLine(3_000, 'o', text)),
      ].join(''),
    );
    const put = (part: 'begin' | 'end', value: object) =>
      stream.put({ sessionId, channel: 2, part, data: Buffer.from(JSON.stringify(value)) });
    const [replica, startedAt] = [await audit.liveReplica(), new Date().toISOString()];
    const begin = { ...data, channel: 2, kind: 'terminal', replica, startedAt };
    await put('begin', begin);
    await stream.put({ sessionId, channel: 2, part: 'chunk', chunk: 0, data: chunk });
    await put('end', { chunks: 1, ...hashChunk(chunk), durationMs: 3_000 });

    const auditor = await asViewer(['auditor'], alice);
    await waitFor(async () => (await commands(auditor)).items.length === 4, {
      what: 'the commands of the recording',
      timeoutMs: 60_000,
    });
    expect(said(await commands(auditor, { sessionId }))).toEqual([
      'screen: systemctl stop nginx',
      'screen: sudo -i',
      'given: 100%_sure',
      'given: systemctl restart nginx',
    ]);
    expect(said(await commands(auditor, { text: 'NGINX' }))).toHaveLength(2);
    expect(said(await commands(auditor, { text: '0%_s' }))).toEqual(['given: 100%_sure']);
    expect(said(await commands(auditor, { text: 'hunter2' }))).toEqual([]);
    expect(said(await commands(auditor, { until: '2024-01-01T00:00:00Z' }))).toHaveLength(2);
    const { hostId, accountId } = await audit.bus.request(GetSessionV1, { ...auditor, sessionId });
    expect(said(await commands(auditor, { hostId, accountId }))).toHaveLength(4);
    expect(said(await commands(auditor, { hostId: randomUUID() }))).toEqual([]);
    const first = await commands(auditor, { limit: 3 });
    expect(said(await commands(auditor, { limit: 3, cursor: first.nextCursor }))).toEqual([
      'given: systemctl restart nginx',
    ]);
  });

  it('of others is not shown to an operator, nor anything to others; and who asked is on record', async () => {
    expect(said(await commands(await asViewer(['operator'], bob)))).toHaveLength(4);
    for (const filter of [{}, { userId: bob }, { sessionId: id(1) }, { text: 'nginx' }])
      expect(said(await commands(await asViewer(['operator'], alice), filter))).toEqual([]);
    const admin = commands(await asViewer(['bastion-admin', 'secret-admin'], alice));
    await expect(admin).rejects.toMatchObject({ code: 'access.forbidden' });
    const auditor = await asViewer(['auditor'], bob);
    const viewed = () =>
      audit.bus.request(ListEventsV1, { ...auditor, order: 'asc', limit: 50, type: AuditLogViewed.type });
    await waitFor(
      async () =>
        (await viewed()).items.some(({ data }) => data['operation'] === 'commands' && data['actorId'] === alice),
      { what: 'the view on record' },
    );
  });
});
