import { AuthorizeAccessV1, type RequestContract } from '@sallyport/contracts';
import { toWire } from '@sallyport/errors';
import {
  connectWithSeed,
  identitiesFrom,
  identityNames,
  natsAccountsConfig,
  newNkey,
  setUpStreams,
} from '@sallyport/messaging/deployment';
import type { IdentityName } from '@sallyport/messaging/deployment';
import { freePort, makeUserKey, ServerProcess, startNats, waitFor } from '@sallyport/testing';
import type { NatsServer } from '@sallyport/testing';
import { FakeAsset } from './fake-asset.js';
import type { Answer } from './fake-asset.js';
import { FakeBroker } from './fake-broker.js';
import { makeTestKeys } from './keys.js';

/** The service as a process of its own on a real NATS server; the services behind it are stand-ins in the test. */
export interface SessionProcess {
  readonly port: number;
  readonly process: ServerProcess;
  readonly nats: NatsServer;
  readonly asset: FakeAsset;
  readonly broker: FakeBroker;
  /** Each request that session sent: subject, and the trace that it belongs to. */
  readonly requests: { subject: string; traceId: string }[];
  /** Audit events, as they were published. They come when they will, often after what they are about is seen. */
  readonly events: { type: string; traceparent?: string; data: Record<string, unknown> }[];
  /** Returns when the ends of all sessions that went to a target are among the events: all that they did is there then. */
  allIsOnRecord(): Promise<void>;
  readiness(): Promise<{ ready: boolean; checks: Record<string, { ok: boolean; detail?: string }> }>;
  /** Of Prometheus, for one name; undefined when there is none. */
  metric(name: string): Promise<number | undefined>;
  /** Of Prometheus, all values of one name. */
  series(name: string): Promise<number[]>;
  /** The stand-ins come back to a NATS server that was started again. */
  reconnect(): Promise<void>;
  stop(): Promise<void>;
}

export async function startSessionProcess(environment: Record<string, string> = {}): Promise<SessionProcess> {
  const keys = await makeTestKeys();
  const nkeys = Object.fromEntries(identityNames.map((name) => [name, newNkey()])) as Record<
    IdentityName,
    ReturnType<typeof newNkey>
  >;
  const publicKeys = Object.fromEntries(identityNames.map((name) => [name, nkeys[name].publicKey]));
  const identities = identitiesFrom(publicKeys as Record<IdentityName, string>);
  const nats = await startNats({ config: natsAccountsConfig(identities) });
  const [asset, broker] = [new FakeAsset(keys), new FakeBroker(keys)];
  const seen: Pick<SessionProcess, 'requests' | 'events'> = { requests: [], events: [] };
  const [eventIds, openSessions] = [new Set<string>(), new Set<unknown>()];

  let others = await standIn();
  async function standIn(): Promise<Awaited<ReturnType<typeof connectWithSeed>>> {
    const connection = await connectWithSeed(nats.url, nkeys.operator.seed, { inboxPrefix: '_INBOX' });
    await setUpStreams(connection);
    const answer: Answer = (contract, handler) => {
      connection.subscribe(subjectOf(contract), {
        callback: (_error, message) => {
          const traceId = message.headers?.get('traceparent').split('-')[1] ?? '';
          seen.requests.push({ subject: contract.subject, traceId });
          const { id, data } = message.json<{ id: string; data: Record<string, unknown> }>();
          if (contract.subject === AuthorizeAccessV1.subject) openSessions.add(data['sessionId']);
          const respond = async (): Promise<object> => ({
            response: await handler(contract.request.parse(data) as never),
          });
          void respond()
            .catch((error: unknown) => ({ err: toWire(error) }))
            .then((reply) => message.respond(JSON.stringify({ id, isDisposed: true, ...reply })));
        },
      });
    };
    asset.answer(answer);
    broker.answer(answer);
    connection.subscribe('audit.>', {
      callback: (_error, message) => {
        const event = message.json<SessionProcess['events'][number] & { id: string }>();
        // A publisher that was not answered in time sends it again; the stream keeps one of them.
        if (eventIds.has(event.id)) return;
        eventIds.add(event.id);
        seen.events.push(event);
        if (/session\.(closed|refused)\.v1$/.test(event.type)) openSessions.delete(event.data['sessionId']);
      },
    });
    await connection.flush();
    return connection;
  }

  const [port, healthPort] = [await freePort(), await freePort()];
  const process = new ServerProcess(globalThis.process.execPath, ['dist/main.js'], {
    env: {
      NATS_URL: nats.url,
      NATS_SEED: nkeys.session.seed,
      ASSET_SIGNING_PUBLIC_KEY: keys.signingPublicKey,
      ASSET_SEALING_PUBLIC_KEY: keys.assetSealingPublicKey,
      SALLYPORT_HEALTH_PORT: String(healthPort),
      SESSION_SSH_HOST: '127.0.0.1',
      SESSION_SSH_PORT: String(port),
      SESSION_HOST_KEY_ED25519: (await makeUserKey('ed25519')).privateKey,
      SESSION_HOST_KEY_RSA: (await makeUserKey('rsa', { format: 'pem' })).privateKey,
      ...environment,
    },
  });
  const readiness: SessionProcess['readiness'] = async () => {
    const response = await fetch(`http://127.0.0.1:${healthPort}/readyz`);
    return (await response.json()) as Awaited<ReturnType<SessionProcess['readiness']>>;
  };
  const ready = async (): Promise<boolean> =>
    !process.running || (await readiness().catch(() => ({ ready: false }))).ready;
  await waitFor(ready, { what: 'the session service', timeoutMs: 90_000 });
  if (!process.running) {
    await others.close();
    await nats.stop();
    throw new Error(process.tail());
  }
  return {
    port,
    process,
    nats,
    asset,
    broker,
    ...seen,
    allIsOnRecord: async () => {
      await waitFor(() => openSessions.size === 0, { what: 'the record of the end of each session' });
    },
    readiness,
    metric: async (name) => {
      const text = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
      const found = new RegExp(`^${name}(?:\\{[^}]*\\})? ([0-9.e+-]+)`, 'm').exec(text)?.[1];
      return found === undefined ? undefined : Number(found);
    },
    series: async (name) => {
      const text = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
      return Array.from(text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? ([0-9.e+-]+)`, 'gm')), ([, value]) =>
        Number(value),
      );
    },
    reconnect: async () => {
      await others.close().catch(() => undefined);
      others = await standIn();
    },
    stop: async () => {
      await process.stop();
      await others.close();
      await nats.stop();
    },
  };
}

function subjectOf(contract: RequestContract): string {
  return contract.addressed ? `${contract.subject}.broker-1` : contract.subject;
}
