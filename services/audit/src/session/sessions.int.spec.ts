import { randomUUID } from 'node:crypto';
import {
  GetSessionV1,
  ListSessionsV1,
  SessionClosed,
  SessionId,
  SessionOpened,
  SessionRefused,
  UserId,
  type EventData,
  type Role,
} from '@sallyport/contracts';
import type { AuditPublisher } from '@sallyport/messaging';
import { waitFor } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAudit, stored, type Audit } from '../testing/audit-process.suite.js';

let audit: Audit;
let session: AuditPublisher;
const alice = UserId.parse(randomUUID());
const bob = UserId.parse(randomUUID());
const ids = Array.from({ length: 7 }, () => SessionId.parse(randomUUID()));
const id = (n: number) => ids[n] ?? SessionId.parse(randomUUID());

const opened = (sessionId: SessionId, userId: UserId) =>
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
  for (let n = 0; n < 5; n += 1) await opened(id(n), n % 2 === 0 ? alice : bob);
  await closed(id(0), alice);
  await closed(id(0), alice, 'error'); // the first end counts
  await stored(audit, 6);
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
});
