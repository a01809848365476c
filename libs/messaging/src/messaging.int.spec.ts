import 'reflect-metadata';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  CredentialPrepared,
  GetHostV1,
  ReleaseCredentialV1,
  RequestRefused,
  ResolveTokenV1,
  SessionClosed,
  UserId,
  type IdentityClaims,
  type ReplyOf,
  type RequestOf,
  type Role,
  type ServiceName,
} from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { currentTraceId, logger, startMetrics, startTracing, withSpan } from '@sallyport/telemetry';
import { startNats, waitFor, type NatsServer as NatsProcess } from '@sallyport/testing';
import { TokenSigner } from '@sallyport/tokens';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { auditStream, JetStreamAuditPublisher } from './audit-publisher.js';
import { NatsBus } from './bus.js';
import { connectWithSeed, inboxPrefix } from './connection.js';
import { consumeBatches, type StreamMessage } from './consume.js';
import {
  auditStoreConsumer,
  hostRefusalsBucket,
  identitiesFrom,
  identityNames,
  natsAccountsConfig,
  newNkey,
  setUpStreams,
  usedGrantsBucket,
  type IdentityName,
} from './deployment/index.js';
import { ErrorFilter } from './error-filter.js';
import { ActorOf, Handles, Input } from './handles.js';
import { MessagingModule } from './messaging.module.js';
import { NatsServer } from './nats-server.js';
import { KvOnceRegistry } from './once-registry.js';
import { JetStreamRecordingStream, recordingStream } from './recording-stream.js';
import { replicaId } from './replica.js';
import { KvSharedValues } from './shared-values.js';

const pair = generateKeyPairSync('ed25519', {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const signer = TokenSigner.fromPem(pair.privateKey);
const nkeys = Object.fromEntries(identityNames.map((name) => [name, newNkey()])) as Record<
  IdentityName,
  ReturnType<typeof newNkey>
>;
const log = logger('test', 'error');
const hostId = randomUUID() as RequestOf<typeof GetHostV1>['hostId'];
let seenTraceId = '';

@Controller()
class TestController {
  @Handles(ResolveTokenV1)
  resolve(@Input(ResolveTokenV1) request: RequestOf<typeof ResolveTokenV1>): ReplyOf<typeof ResolveTokenV1> {
    seenTraceId = currentTraceId();
    if (request.clientAddress === '0.0.0.0') throw new DomainError('access.unauthenticated', 'sign in again');
    if (request.clientAddress === '1.1.1.1') throw new Error('postgres://user:hunter2@db');
    return { identity: 'x', userId: UserId.parse(randomUUID()), username: 'alice', roles: [] };
  }

  @Handles(GetHostV1)
  get(
    @Input(GetHostV1) request: RequestOf<typeof GetHostV1>,
    @ActorOf() actor: IdentityClaims,
  ): ReplyOf<typeof GetHostV1> {
    return {
      id: request.hostId,
      name: actor.username,
      instanceId: 'i-1',
      regionId: 'cn-hangzhou',
      address: '192.0.2.1',
      port: 22,
      osType: 'linux',
      status: 'active',
      source: 'ecs',
      hostKeyMode: 'pin-on-first-use',
    };
  }

  @Handles(ReleaseCredentialV1)
  release(): object {
    return {};
  }
}

let nats: NatsProcess;
let close: (() => Promise<void>)[] = [];
let stopTracing: () => Promise<void>;
const connectAs = async (name: IdentityName): Promise<NatsConnection> => {
  const prefix = name === 'operator' || name === 'subscriber' || name === 'system' ? '_INBOX' : inboxPrefix(name);
  const connection = await connectWithSeed(nats.url, nkeys[name].seed, { inboxPrefix: prefix });
  close.push(() => connection.close());
  return connection;
};

async function serve(name: ServiceName): Promise<void> {
  const connection = await connectAs(name);
  @Module({
    imports: [MessagingModule.register({ service: name, connection, signingPublicKey: pair.publicKey, log })],
    controllers: [TestController],
  })
  class TestModule {}
  const app = await NestFactory.createMicroservice(TestModule, {
    strategy: new NatsServer(connection, name),
    logger: false,
  });
  app.useGlobalFilters(new ErrorFilter(logger('test', 'silent')));
  await app.listen();
  close.unshift(() => app.close());
}

const metrics = createServer(startMetrics('test'));
/** All values of one name; `{event="…"}` and the like before each. */
async function metric(name: string): Promise<string[]> {
  const text = await (await fetch(`http://127.0.0.1:${(metrics.address() as AddressInfo).port}`)).text();
  return text.split('\n').filter((line) => line.startsWith(`${name}{`));
}

beforeAll(async () => {
  stopTracing = startTracing({ service: 'test' });
  await once(metrics.listen(0, '127.0.0.1'), 'listening');
  const publicKeys = Object.fromEntries(identityNames.map((name) => [name, nkeys[name].publicKey]));
  nats = await startNats({ config: natsAccountsConfig(identitiesFrom(publicKeys as Record<IdentityName, string>)) });
  for (const time of ['first start', 'second start'])
    await expect(setUpStreams(await connectAs('operator')), time).resolves.toBeUndefined();
  await serve('asset');
  await serve('secret-broker');
});
afterAll(async () => {
  for (const end of close) await end();
  close = [];
  await nats.stop();
  await stopTracing();
  metrics.close();
});

const tokenHash = 'a'.repeat(64);
const resolve = (bus: NatsBus, clientAddress = '192.0.2.7') =>
  bus.request(ResolveTokenV1, { tokenHash, clientAddress });
const actor = (roles: Role[]) =>
  signer.identity(
    { use: 'rest', userId: UserId.parse(randomUUID()), username: 'bob', roles, method: 'token', clientAddress: '::1' },
    60,
  );

describe('Bus', () => {
  it('brings the answer, and the trace there and back', async () => {
    const bus = new NatsBus(await connectAs('api'));
    await withSpan('test', async () => {
      expect((await resolve(bus)).username).toBe('alice');
      expect(seenTraceId).toBe(currentTraceId());
    });
  });

  it('brings our errors as they are, and others as internal without a word', async () => {
    const bus = new NatsBus(await connectAs('api'));
    await expect(resolve(bus, '0.0.0.0')).rejects.toMatchObject({ code: 'access.unauthenticated' });
    await expect(resolve(bus, '1.1.1.1')).rejects.toMatchObject({ code: 'internal', message: 'internal error' });
  });

  it('refuses a request that does not fit, at both ends', async () => {
    const connection = await connectAs('api');
    const bad = { tokenHash: 'x', clientAddress: '192.0.2.7' };
    await expect(new NatsBus(connection).request(ResolveTokenV1, bad)).rejects.toMatchObject({
      code: 'request.invalid',
    });
    const raw = await connection.request(
      ResolveTokenV1.subject,
      JSON.stringify({ id: '1', data: { ...bad, extra: 1 } }),
    );
    expect(raw.json()).toMatchObject({ err: { code: 'request.invalid' } });
    expect(raw.string()).toContain('extra');
  });

  it('says at once when nobody is there', async () => {
    const bus = new NatsBus(await connectAs('session'));
    await expect(
      bus.request(ReleaseCredentialV1, { grantId: randomUUID() as never }, { replica: 'gone' }),
    ).rejects.toMatchObject({ code: 'service.unavailable', retryable: true });
  });

  it('reaches the replica that is named', async () => {
    const bus = new NatsBus(await connectAs('session'));
    expect(await bus.request(ReleaseCredentialV1, { grantId: randomUUID() as never }, { replica: replicaId })).toEqual(
      {},
    );
  });
});

describe('roles', () => {
  it('admit a person who has one of them', async () => {
    const bus = new NatsBus(await connectAs('api'));
    expect((await bus.request(GetHostV1, { actor: await actor(['bastion-admin']), hostId })).name).toBe('bob');
  });

  it('refuse everyone else, before the request is looked at, and record it', async () => {
    const connection = await connectAs('api');
    const bus = new NatsBus(connection);
    const auditor = await actor(['auditor']);
    await expect(bus.request(GetHostV1, { actor: auditor, hostId })).rejects.toMatchObject({
      code: 'access.forbidden',
    });
    await expect(bus.request(GetHostV1, { actor: 'forged', hostId })).rejects.toMatchObject({
      code: 'access.unauthenticated',
    });
    const raw = await connection.request(GetHostV1.subject, JSON.stringify({ id: '1', data: {} }));
    expect(raw.json()).toMatchObject({ err: { code: 'access.unauthenticated' } });
    const recorded = await (
      await jetstreamManager(await connectAs('operator'))
    ).streams.getMessage(auditStream, {
      last_by_subj: RequestRefused.subject,
    });
    expect(recorded?.json()).toMatchObject({ type: RequestRefused.type, data: { operation: GetHostV1.subject } });
  });
});

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
    const connection = await connectAs(service);
    await expect(connection.request(subject, '{}', { timeout: 500 })).rejects.toThrow(/permissions violation/i);
  });

  it.each<[ServiceName, string]>([
    ['session', 'asset.>'],
    ['session', inboxPrefix('secret-broker') + '.>'],
    ['api', 'secret-broker.credential.open.v1.*'],
    ['secret-broker', 'audit.>'],
  ])('refuse %s to listen on %s', async (service, subject) => {
    const connection = await connectAs(service);
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
    const publisher = new JetStreamAuditPublisher(await connectAs('session'), 'session', log);
    const sessionId = randomUUID() as never;
    const subscriber = await connectAs('subscriber');
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
    await expect(subscriber.request(deletion, '', { timeout: 500 })).rejects.toThrow(/permissions violation/i);
  });
});

describe('OnceRegistry', () => {
  it('gives a key to one claimant among replicas', async () => {
    const replicas = await Promise.all([connectAs('secret-broker'), connectAs('secret-broker')]);
    const key = randomUUID();
    const claims = await Promise.all(replicas.map((r) => new KvOnceRegistry(r, usedGrantsBucket).claim(key)));
    expect(claims.sort()).toEqual([false, true]);
    expect(await new KvOnceRegistry(await connectAs('secret-broker'), usedGrantsBucket).claim(key)).toBe(false);
  });
});

describe('SharedValues', () => {
  it('are the same for all replicas, and no change of one is lost to another', async () => {
    const Count = z.object({ count: z.int() });
    const replicas = await Promise.all(
      [1, 2].map(async () => new KvSharedValues(await connectAs('secret-broker'), hostRefusalsBucket, Count)),
    );
    const key = randomUUID();
    expect(await replicas[0]?.get(key)).toBeUndefined();
    const increase = (before: { count: number } | undefined) => ({ count: (before?.count ?? 0) + 1 });
    await Promise.all([...replicas, ...replicas].map((replica) => replica.change(key, increase)));
    for (const replica of replicas) expect(await replica.get(key)).toEqual({ count: 4 });
  });

  it('are not for other services', async () => {
    const values = new KvSharedValues(await connectAs('session'), hostRefusalsBucket, z.object({}));
    await expect(values.get('x')).rejects.toMatchObject({ code: 'service.unavailable' });
  });
});

describe('consumeBatches', () => {
  it('brings a batch again when it was not handled, and each message in the end', async () => {
    const publisher = new JetStreamAuditPublisher(await connectAs('asset'), 'asset', log);
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
      connection: await connectAs('audit'),
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
      timeoutMs: 45_000,
      what: 'all events',
    });
    stop.abort();
    await running;
  });
});

describe('AuditPublisher', () => {
  const session = async () =>
    new JetStreamAuditPublisher(await connectAs('session'), 'session', logger('test', 'silent'));

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
    await waitFor(async () => (await lost()).length > 0, { what: 'the loss to be counted', timeoutMs: 20_000 });
    expect(await lost()).toMatchObject([expect.stringMatching(/event="credential\.prepared".* 1$/)]);
  });
});

describe('RecordingStream', () => {
  it('F1: takes nothing when its room is used up, and again when there is more', async () => {
    const stream = new JetStreamRecordingStream(await connectAs('session'));
    const put = (chunk: number) =>
      stream.put({ sessionId: randomUUID(), channel: 0, part: 'chunk', chunk, data: Buffer.alloc(8_192) });
    const { streams } = await jetstreamManager(await connectAs('operator'));
    await streams.update(recordingStream, { max_bytes: 16_384 });
    await put(0);
    await expect(put(1)).rejects.toMatchObject({ code: 'audit.unavailable', retryable: true });
    await streams.update(recordingStream, { max_bytes: -1 });
    await put(1);
  });
});
