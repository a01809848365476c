import { randomUUID } from 'node:crypto';
import { jetstream } from '@nats-io/jetstream';
import {
  GetHostV1,
  ReleaseCredentialV1,
  RequestRefused,
  ResolveTokenV1,
  SessionClosed,
  type ServiceName,
} from '@sallyport/contracts';
import { logger } from '@sallyport/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditStream, JetStreamAuditPublisher } from './audit-publisher.js';
import { inboxPrefix } from './connection.js';
import { auditStoreConsumer, usedGrantsBucket } from './deployment/index.js';
import { replicaId } from './replica.js';
import { startAccounts } from './accounts.suite.js';

const log = logger('test', 'error');
let accounts: Awaited<ReturnType<typeof startAccounts>>;
beforeAll(async () => {
  accounts = await startAccounts();
});
afterAll(() => accounts.stop());

describe('NATS permissions', () => {
  const forbidden: [ServiceName, string][] = [
    ['session', GetHostV1.subject],
    ['api', `${ReleaseCredentialV1.subject}.${replicaId}`],
    ['audit', ResolveTokenV1.subject],
    ['session', RequestRefused.subject],
    ['session', `$JS.API.STREAM.DELETE.${auditStream}`],
    ['audit', `$JS.API.STREAM.PURGE.${auditStream}`],
    ['asset', `$KV.${usedGrantsBucket}.x`],
  ];
  it.each(forbidden)('refuse %s to publish %s', async (service, subject) => {
    const connection = await accounts.connectAs(service);
    await expect(connection.request(subject, '{}', { timeout: 30_000 })).rejects.toThrow(/permissions violation/i);
  });

  it.each<[ServiceName, string]>([
    ['session', 'asset.>'],
    ['session', inboxPrefix('secret-broker') + '.>'],
    ['api', 'secret-broker.credential.open.v1.*'],
    ['secret-broker', 'audit.>'],
  ])('refuse %s to listen on %s', async (service, subject) => {
    const connection = await accounts.connectAs(service);
    const refusal = new Promise<Error | undefined>((resolve) => {
      connection.subscribe(subject, {
        callback: (error) => {
          resolve(error ?? undefined);
        },
      });
    });
    expect((await refusal)?.message).toMatch(/permissions violation/i);
  });

  it('let a subscriber read audit events and disturb nothing', async () => {
    const publisher = new JetStreamAuditPublisher(await accounts.connectAs('session'), 'session', log);
    const sessionId = randomUUID() as never;
    const subscriber = await accounts.connectAs('subscriber');
    const seen = (async () => {
      const consumer = await jetstream(subscriber).consumers.get(auditStream);
      for await (const message of await consumer.consume())
        if (message.string().includes(sessionId)) return message.subject;
      return undefined;
    })();
    const closed = { sessionId, userId: randomUUID() as never, durationMs: 1, bytesUp: 0, bytesDown: 0 };
    await publisher.publish(SessionClosed, { ...closed, reason: 'client-left' });
    expect(await seen).toBe(SessionClosed.subject);
    const deletion = `$JS.API.CONSUMER.DELETE.${auditStream}.${auditStoreConsumer}`;
    await expect(subscriber.request(deletion, '', { timeout: 30_000 })).rejects.toThrow(/permissions violation/i);
  });
});
