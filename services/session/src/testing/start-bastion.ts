import { randomUUID } from 'node:crypto';
import { InMemoryBus, InMemoryRecordings, RecordingAuditPublisher } from '@sallyport/messaging/testing';
import { makeUserKey } from '@sallyport/testing';
import type { FlowOptions, KeepaliveOptions, RekeyOptions, SshServerOptions } from '@sallyport/ssh-wire';
import { logger, startTracing } from '@sallyport/telemetry';
import { Capacity } from '../lifecycle/capacity.js';
import { AccessWatch } from '../lifecycle/access-watch.js';
import { Gateway } from '../lifecycle/gateway.js';
import { IDENT } from '../lifecycle/ident.js';
import { ChannelRecorder, type BeginRecording } from '../recording/channel-recorder.js';
import { LogOn } from '../upstream/log-on.js';
import { FakeAsset } from './fake-asset.js';
import { FakeBroker } from './fake-broker.js';
import { FakeTimers } from './fake-timers.js';
import { makeTestKeys } from './keys.js';

/** The session service in this process, with stand-ins for the services behind it. */
export interface Bastion {
  readonly port: number;
  readonly asset: FakeAsset;
  readonly broker: FakeBroker;
  readonly audit: RecordingAuditPublisher;
  readonly recordings: InMemoryRecordings;
  readonly gateway: Gateway;
  /** Time as the limits of sessions see it: it stands still but for what a test lets pass. */
  readonly timers: FakeTimers;
  readonly load: TestLoad;
}

/** How busy the process seems; a test may change it. */
export interface TestLoad {
  memoryBytes: number;
  heapShare: number;
  delayMs: number;
}

export interface BastionOptions {
  maxSessions?: number;
  drainMs?: number;
  flow?: FlowOptions;
  /** Off only here, to compare; no setting turns it off. `SALLYPORT_TEST_RECORDING=off` does so for all stories. */
  recording?: boolean;
  /** Towards clients and targets; every 15 seconds unless told. */
  keepalive?: KeepaliveOptions;
  /** Of the legs to targets; of those to clients, `server` has them. */
  rekeyTarget?: RekeyOptions;
  /** Of the listener, where a test wants other ones. */
  server?: Partial<SshServerOptions>;
}

/** What recording must not differ from. */
const notRecorded: BeginRecording = () =>
  Promise.resolve({
    input: () => undefined,
    output: () => undefined,
    resized: () => undefined,
    end: () => Promise.resolve(),
  });

export async function startBastion(options: BastionOptions = {}): Promise<Bastion> {
  startTracing({ service: 'session-test' });
  const keys = await makeTestKeys();
  const [asset, broker] = [new FakeAsset(keys), new FakeBroker(keys)];
  const audit = new RecordingAuditPublisher();
  const recordings = new InMemoryRecordings();
  const bus = new InMemoryBus();
  asset.answer((contract, handler) => bus.handle(contract, handler));
  broker.answer((contract, handler) => bus.handle(contract, handler));
  const keepalive = options.keepalive ?? { intervalMs: 15_000, maxMissed: 3 };
  const { privateKey } = await makeUserKey('ed25519');
  const timers = new FakeTimers();
  const recorder = { stream: recordings, graceMs: 10_000, replica: randomUUID(), audit, timers };
  const begin: BeginRecording = (of, onFailed) => ChannelRecorder.begin(recorder, of, onFailed);
  const load: TestLoad = { memoryBytes: 0, heapShare: 0, delayMs: 0 };
  const gateway = new Gateway(
    {
      host: '127.0.0.1',
      port: 0,
      drainMs: options.drainMs ?? 1_000,
      warnMs: 60_000,
      server: {
        ident: IDENT,
        hostKeys: [privateKey],
        loginGraceMs: 60_000,
        maxUnauthenticated: 50,
        maxUnauthenticatedPerAddress: 50,
        maxFailuresPerMinute: 10_000,
        keepalive,
        ...options.server,
      },
    },
    {
      bus,
      audit,
      verifier: keys.verifier,
      log: logger('session-test', 'error'),
      logOn: new LogOn(bus, keys.verifier, {
        ident: IDENT,
        dialTimeoutMs: 30_000,
        keepalive,
        ...(options.rekeyTarget && { rekey: options.rekeyTarget }),
      }),
      authentication: { sealTo: keys.assetSealing.publicKey, maxTries: 3 },
      flow: options.flow ?? {},
      timers,
      limits: { warnSeconds: 60 },
      capacity: new Capacity({ maxSessions: options.maxSessions ?? 1_000, maxMemoryBytes: 1, maxDelayMs: 1 }, load),
      access: new AccessWatch(bus, timers, logger('session-test', 'error')),
      beginRecording: options.recording === false ? notRecorded : begin,
      menuIdleMs: 600_000,
    },
  );
  await gateway.start();
  return { port: gateway.port, asset, broker, audit, recordings, gateway, timers, load };
}
