import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jetstreamManager } from '@nats-io/jetstream';
import { CredentialPrepared, RequestRefused } from '@sallyport/contracts';
import { logger, startMetrics } from '@sallyport/telemetry';
import { waitFor } from '@sallyport/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { auditStream, JetStreamAuditPublisher } from './audit-publisher.js';
import { consumeBatches, type StreamMessage } from './consume.js';
import { auditStoreConsumer, hostRefusalsBucket, usedGrantsBucket } from './deployment/index.js';
import { KvOnceRegistry } from './once-registry.js';
import { JetStreamRecordingStream, recordingStream } from './recording-stream.js';
import { KvSharedValues } from './shared-values.js';
import { startAccounts } from './accounts.suite.js';

const log = logger('test', 'error');
let accounts: Awaited<ReturnType<typeof startAccounts>>;

const metrics = createServer(startMetrics('test'));
/** All values of one name; `{event="…"}` and the like before each. */
async function metric(name: string): Promise<string[]> {
  const text = await (await fetch(`http://127.0.0.1:${(metrics.address() as AddressInfo).port}`)).text();
  return text.split('\n').filter((line) => line.startsWith(`${name}{`));
}

beforeAll(async () => {
  await once(metrics.listen(0, '127.0.0.1'), 'listening');
  accounts = await startAccounts();
});
afterAll(async () => {
  await accounts.stop();
  metrics.close();
});

describe('OnceRegistry', () => {
  it('gives a key to one claimant among replicas', async () => {
    const replicas = await Promise.all([accounts.connectAs('secret-broker'), accounts.connectAs('secret-broker')]);
    const key = randomUUID();
    const claims = await Promise.all(replicas.map((r) => new KvOnceRegistry(r, usedGrantsBucket).claim(key)));
    expect(claims.sort()).toEqual([false, true]);
    expect(await new KvOnceRegistry(await accounts.connectAs('secret-broker'), usedGrantsBucket).claim(key)).toBe(
      false,
    );
  });
});

describe('SharedValues', () => {
  it('are the same for all replicas, and no change of one is lost to another', async () => {
    const Count = z.object({ count: z.int() });
    const replicas = await Promise.all(
      [1, 2].map(async () => new KvSharedValues(await accounts.connectAs('secret-broker'), hostRefusalsBucket, Count)),
    );
    const key = randomUUID();
    expect(await replicas[0]?.get(key)).toBeUndefined();
    const increase = (before: { count: number } | undefined) => ({ count: (before?.count ?? 0) + 1 });
    await Promise.all([...replicas, ...replicas].map((replica) => replica.change(key, increase)));
    for (const replica of replicas) expect(await replica.get(key)).toEqual({ count: 4 });
  });

  it('are not for other services', async () => {
    const values = new KvSharedValues(await accounts.connectAs('session'), hostRefusalsBucket, z.object({}));
    await expect(values.get('x')).rejects.toMatchObject({ code: 'service.unavailable' });
  });
});

describe('consumeBatches', () => {
  it('brings a batch again when it was not handled, and each message in the end', async () => {
    const publisher = new JetStreamAuditPublisher(await accounts.connectAs('asset'), 'asset', log);
    const marks = Array.from({ length: 20 }, () => randomUUID());
    for (const mark of marks)
      await publisher.publish(RequestRefused, {
        userId: randomUUID() as never,
        username: mark,
        clientAddress: '::1',
        roles: [],
        operation: 'x',
        required: [],
      });
    const handled = new Set<string>();
    let failures = 1;
    const stop = new AbortController();
    const running = consumeBatches({
      connection: await accounts.connectAs('audit'),
      stream: auditStream,
      durable: auditStoreConsumer,
      maxMessages: 8,
      signal: stop.signal,
      log: logger('test', 'silent'),
      handle: (messages: readonly StreamMessage[]) => {
        if (failures-- > 0) return Promise.reject(new Error('the database is away'));
        for (const message of messages) handled.add(new TextDecoder().decode(message.data));
        return Promise.resolve();
      },
    });
    await waitFor(() => marks.every((mark) => [...handled].some((text) => text.includes(mark))), {
      timeoutMs: 90_000,
      what: 'all events',
    });
    stop.abort();
    await running;
  });
});

describe('AuditPublisher', () => {
  const session = async () =>
    new JetStreamAuditPublisher(await accounts.connectAs('session'), 'session', logger('test', 'silent'));

  it('refuses the act when an enforced event is not acknowledged, and counts it', async () => {
    // Session has no right to publish this one: the server never acknowledges it.
    await expect(
      (await session()).publish(RequestRefused, {
        userId: randomUUID() as never,
        username: 'x',
        clientAddress: '::1',
        roles: [],
        operation: 'x',
        required: [],
      }),
    ).rejects.toMatchObject({ code: 'audit.unavailable', retryable: true });
    expect(await metric('sallyport_audit_events_refused_total')).toMatchObject([
      expect.stringMatching(/event="request\.refused".* 1$/),
    ]);
  });

  it('holds nobody up for a best-effort event, and counts one that is not acknowledged', async () => {
    const [sessionId, userId, hostId, accountId] = Array.from({ length: 4 }, () => randomUUID() as never);
    const ids = { grantId: randomUUID() as never, sessionId, userId, hostId, accountId };
    const use = { secretName: 'x', secretVersionId: 'v1', kmsRequestId: 'r', kind: 'password' } as const;
    // Nor this one.
    await (await session()).publish(CredentialPrepared, { ...ids, ...use } as never);
    const lost = () => metric('sallyport_audit_events_lost_total');
    await waitFor(async () => (await lost()).length > 0, { what: 'the loss to be counted', timeoutMs: 60_000 });
    expect(await lost()).toMatchObject([expect.stringMatching(/event="credential\.prepared".* 1$/)]);
  });
});

describe('RecordingStream', () => {
  it('F1: takes nothing when its room is used up, and again when there is more', async () => {
    const stream = new JetStreamRecordingStream(await accounts.connectAs('session'));
    const put = (chunk: number) =>
      stream.put({ sessionId: randomUUID(), channel: 0, part: 'chunk', chunk, data: Buffer.alloc(8_192) });
    const { streams } = await jetstreamManager(await accounts.connectAs('operator'));
    await streams.update(recordingStream, { max_bytes: 16_384 });
    await put(0);
    await expect(put(1)).rejects.toMatchObject({ code: 'audit.unavailable', retryable: true });
    await streams.update(recordingStream, { max_bytes: -1 });
    await put(1);
  });
});
