import 'reflect-metadata';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  GetHostV1,
  ReleaseCredentialV1,
  RequestRefused,
  ResolveTokenV1,
  UserId,
  type IdentityClaims,
  type ReplyOf,
  type RequestOf,
  type Role,
  type ServiceName,
} from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { currentTraceId, logger, startTracing, withSpan } from '@sallyport/telemetry';
import { TokenSigner } from '@sallyport/tokens';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { auditStream } from './audit-publisher.js';
import { NatsBus } from './bus.js';
import { ErrorFilter } from './error-filter.js';
import { ActorOf, Handles, Input } from './handles.js';
import { MessagingModule } from './messaging.module.js';
import { NatsServer } from './nats-server.js';
import { replicaId } from './replica.js';
import { startAccounts } from './accounts.suite.js';

const pair = generateKeyPairSync('ed25519', {
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const signer = TokenSigner.fromPem(pair.privateKey);
const log = logger('test', 'error');
const silent = logger('test', 'silent');
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
      name: actor.username === 'wordy' ? 'x'.repeat(1_048_576) : actor.username,
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

let accounts: Awaited<ReturnType<typeof startAccounts>>;
const apps: { close(): Promise<void> }[] = [];
let stopTracing: () => Promise<void>;

async function serve(name: ServiceName): Promise<void> {
  const connection = await accounts.connectAs(name);
  @Module({
    imports: [MessagingModule.register({ service: name, connection, signingPublicKey: pair.publicKey, log })],
    controllers: [TestController],
  })
  class TestModule {}
  const app = await NestFactory.createMicroservice(TestModule, {
    strategy: new NatsServer(connection, name, silent),
    logger: false,
  });
  app.useGlobalFilters(new ErrorFilter(silent));
  await app.listen();
  apps.push(app);
}

beforeAll(async () => {
  stopTracing = startTracing({ service: 'test' });
  accounts = await startAccounts();
  await serve('asset');
  await serve('secret-broker');
});
afterAll(async () => {
  for (const app of apps) await app.close();
  await accounts.stop();
  await stopTracing();
});

const tokenHash = 'a'.repeat(64);
const resolve = (bus: NatsBus, clientAddress = '192.0.2.7') =>
  bus.request(ResolveTokenV1, { tokenHash, clientAddress });
const actor = (roles: Role[], username = 'bob') =>
  signer.identity(
    { use: 'rest', userId: UserId.parse(randomUUID()), username, roles, method: 'token', clientAddress: '::1' },
    60,
  );

describe('Bus', () => {
  it('brings the answer, and the trace there and back', async () => {
    const bus = new NatsBus(await accounts.connectAs('api'));
    await withSpan('test', async () => {
      expect((await resolve(bus)).username).toBe('alice');
      expect(seenTraceId).toBe(currentTraceId());
    });
  });

  it('brings our errors as they are, and others as internal without a word', async () => {
    const bus = new NatsBus(await accounts.connectAs('api'));
    await expect(resolve(bus, '0.0.0.0')).rejects.toMatchObject({ code: 'access.unauthenticated' });
    await expect(resolve(bus, '1.1.1.1')).rejects.toMatchObject({ code: 'internal', message: 'internal error' });
  });

  it('says at once that a reply is larger than NATS takes, and logs it', async () => {
    const bus = new NatsBus(await accounts.connectAs('api'));
    const logged = vi.spyOn(silent, 'error');
    const asked = bus.request(GetHostV1, { actor: await actor(['bastion-admin'], 'wordy'), hostId });
    await expect(asked).rejects.toMatchObject({ code: 'reply.too-large', retryable: false });
    expect(logged).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ subject: GetHostV1.subject }),
      'a reply could not be sent',
    );
  });

  it('refuses a request that does not fit, at both ends', async () => {
    const connection = await accounts.connectAs('api');
    const bad = { tokenHash: 'x', clientAddress: '192.0.2.7' };
    await expect(new NatsBus(connection).request(ResolveTokenV1, bad)).rejects.toMatchObject({
      code: 'request.invalid',
    });
    const raw = await connection.request(
      ResolveTokenV1.subject,
      JSON.stringify({ id: '1', data: { ...bad, extra: 1 } }),
      { timeout: 30_000 },
    );
    expect(raw.json()).toMatchObject({ err: { code: 'request.invalid' } });
    expect(raw.string()).toContain('extra');
  });

  it('says at once when nobody is there', async () => {
    const bus = new NatsBus(await accounts.connectAs('session'));
    await expect(
      bus.request(ReleaseCredentialV1, { grantId: randomUUID() as never }, { replica: 'gone' }),
    ).rejects.toMatchObject({ code: 'service.unavailable', retryable: true });
  });

  it('reaches the replica that is named', async () => {
    const bus = new NatsBus(await accounts.connectAs('session'));
    expect(await bus.request(ReleaseCredentialV1, { grantId: randomUUID() as never }, { replica: replicaId })).toEqual(
      {},
    );
  });
});

describe('roles', () => {
  it('admit a person who has one of them', async () => {
    const bus = new NatsBus(await accounts.connectAs('api'));
    expect((await bus.request(GetHostV1, { actor: await actor(['bastion-admin']), hostId })).name).toBe('bob');
  });

  it('refuse everyone else, before the request is looked at, and record it', async () => {
    const connection = await accounts.connectAs('api');
    const bus = new NatsBus(connection);
    const auditor = await actor(['auditor']);
    await expect(bus.request(GetHostV1, { actor: auditor, hostId })).rejects.toMatchObject({
      code: 'access.forbidden',
    });
    await expect(bus.request(GetHostV1, { actor: 'forged', hostId })).rejects.toMatchObject({
      code: 'access.unauthenticated',
    });
    const raw = await connection.request(GetHostV1.subject, JSON.stringify({ id: '1', data: {} }), { timeout: 30_000 });
    expect(raw.json()).toMatchObject({ err: { code: 'access.unauthenticated' } });
    const recorded = await (
      await jetstreamManager(await accounts.connectAs('operator'))
    ).streams.getMessage(auditStream, {
      last_by_subj: RequestRefused.subject,
    });
    expect(recorded?.json()).toMatchObject({ type: RequestRefused.type, data: { operation: GetHostV1.subject } });
  });
});
