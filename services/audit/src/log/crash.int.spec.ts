import { randomUUID } from 'node:crypto';
import { ListEventsV1, UserId, UserSignedIn } from '@sallyport/contracts';
import { auditStream } from '@sallyport/messaging';
import { auditStoreConsumer } from '@sallyport/messaging/deployment';
import { waitFor } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAudit, stored, type Audit } from '../testing/audit-process.suite.js';

let audit: Audit;
beforeAll(async () => {
  audit = await startAudit();
});
afterAll(() => audit.stop());

/** Resolves when the stream has acknowledged all of them. */
async function publish(count: number): Promise<void> {
  const asset = await audit.publisher('asset');
  const userId = UserId.parse(randomUUID());
  const data = { userId, username: 'x', clientAddress: '::1', expiresAt: '2030-01-01T00:00:00Z' };
  for (let done = 0; done < count; done += 100)
    await Promise.all(Array.from({ length: 100 }, () => asset.publish(UserSignedIn, data)));
}

/** Messages that a killed process held come again after a second instead of half a minute. */
async function redeliverSoon(): Promise<void> {
  const config = {
    durable_name: auditStoreConsumer,
    ack_policy: 'explicit',
    deliver_policy: 'all',
    ack_wait: 1_000_000_000,
    max_ack_pending: 10_000,
  };
  const answer = await audit.askNats(
    `$JS.API.CONSUMER.DURABLE.CREATE.${auditStream}.${auditStoreConsumer}`,
    JSON.stringify({ stream_name: auditStream, config }),
  );
  expect(answer).not.toHaveProperty('error');
}

/** Every event of the stream is in the log once, and the log counts from 1 without a gap. */
async function expectWhole(count: number): Promise<void> {
  const [row] = await audit.query(
    'SELECT count(*)::int AS count, count(DISTINCT id)::int AS ids, min(sequence)::int AS first, max(sequence)::int AS last FROM event',
  );
  expect(row).toEqual({ count, ids: count, first: 1, last: count });
}

describe('a process that is killed while it stores', () => {
  it('loses nothing and stores nothing twice', async () => {
    await redeliverSoon();
    const total = 3_000;
    const publishing = publish(total);
    // Each is killed at a moment of its own: before its first commit, or somewhere among later ones.
    for (const target of [1, 1_200]) {
      const victim = await audit.start({ AUDIT_BATCH_SIZE: '50' });
      await stored(audit, target);
      await victim.stop({ signal: 'SIGKILL' });
    }
    await audit.start();
    await publishing;
    await stored(audit, total);
    await expectWhole(total);
  }, 300_000);

  it('or whose database is, with two replicas at work, neither', async () => {
    const before = await audit.count();
    await audit.start({ AUDIT_BATCH_SIZE: '20' });
    const publishing = publish(2_000);
    await stored(audit, before + 200);
    await audit.postgres.kill();
    await audit.postgres.restart();
    await publishing;
    await stored(audit, before + 2_000);
    await expectWhole(before + 2_000);
  }, 300_000);
});

describe('the stream', () => {
  it('comes again from its beginning and changes nothing', async () => {
    const before = await audit.count();
    await audit.askNats(`$JS.API.CONSUMER.DELETE.${auditStream}.${auditStoreConsumer}`);
    await redeliverSoon();
    const pending = async (): Promise<unknown> => {
      const info = await audit.askNats(`$JS.API.CONSUMER.INFO.${auditStream}.${auditStoreConsumer}`);
      const { num_pending, num_ack_pending } = info as { num_pending: number; num_ack_pending: number };
      return num_pending + num_ack_pending === 0;
    };
    await waitFor(pending, { what: 'the whole stream to be taken in again', timeoutMs: 90_000 });
    await expectWhole(before);
    const actor = await audit.actor({});
    const { items } = await audit.bus.request(ListEventsV1, {
      actor,
      limit: 1,
      order: 'desc',
      type: UserSignedIn.type,
    });
    expect(items[0]?.sequence).toBe(before);
  });
});
