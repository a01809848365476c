import cluster from 'node:cluster';
import { Module } from '@nestjs/common';
import type { BeforeApplicationShutdown, DynamicModule, OnApplicationBootstrap } from '@nestjs/common';
import { AddressList } from '@sallyport/addresses';
import { AuditPublisher, Bus, RecordingStream, replicaId, ServiceLogger } from '@sallyport/messaging';
import { publicKeyFromPem } from '@sallyport/sealing';
import { nativeCryptoAvailable } from '@sallyport/ssh-wire';
import type { Check } from '@sallyport/telemetry';
import { TokenVerifier } from '@sallyport/tokens';
import type { Settings } from './config.js';
import { AccessWatch } from './lifecycle/access-watch.js';
import { Capacity } from './lifecycle/capacity.js';
import { Gateway } from './lifecycle/gateway.js';
import { IDENT } from './lifecycle/ident.js';
import type { LimitDefaults } from './lifecycle/limit-watch.js';
import { MEMORY_SHARE, ProcessLoad, usableMemoryBytes } from './lifecycle/process-load.js';
import { ReplicaController } from './lifecycle/replica.controller.js';
import type { SessionParts } from './lifecycle/session-parts.js';
import { SystemTimers } from './timers.js';
import { ChannelRecorder, type RecorderParts } from './recording/channel-recorder.js';
import { shareSessions } from './processes/member.js';
import { LogOn } from './upstream/log-on.js';

const MAX_KEEPALIVES_MISSED = 3;

/** All the wiring of the service. Its door is the SSH port; of contracts it answers only whether it lives. */
@Module({ controllers: [ReplicaController] })
export class SessionModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #listening = false;

  constructor(
    private readonly gateway: Gateway,
    private readonly capacity: Capacity,
    private readonly logger: ServiceLogger,
  ) {}

  static register(settings: Settings): DynamicModule {
    return {
      module: SessionModule,
      providers: [
        {
          provide: Gateway,
          inject: [Bus, TokenVerifier, AuditPublisher, RecordingStream, ServiceLogger, Capacity],
          useFactory: (
            bus: Bus,
            verifier: TokenVerifier,
            audit: AuditPublisher,
            stream: RecordingStream,
            { log }: ServiceLogger,
            capacity: Capacity,
          ) => {
            const graceMs = settings.SESSION_RECORDING_GRACE_SECONDS * 1_000;
            const recording = { stream, graceMs, replica: replicaId };
            return makeGateway(settings, { bus, verifier, audit, log, recording, capacity });
          },
        },
        { provide: Capacity, useFactory: () => makeCapacity(settings) },
      ],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    if (!nativeCryptoAvailable()) {
      this.logger.log.error(
        'THE NATIVE ADDON OF ssh2 IS NOT BUILT: everything works at about an eighth of the throughput; run `npm rebuild ssh2`',
      );
    }
    await this.gateway.start();
    this.#listening = true;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#listening = false;
    await this.gateway.stop();
  }

  /** Ends a shutdown that waits for sessions. */
  hurry(): void {
    this.gateway.hurry();
  }

  checks(): Record<string, Check> {
    return {
      ssh: () => ({ ok: this.#listening }),
      // A full replica refuses newcomers with a line; whoever balances connections need not know.
      capacity: () => {
        const { overload } = this.capacity;
        return { ok: true, ...(overload && { detail: `refuses new sessions: ${overload}` }) };
      },
      // Slow is not down: this never takes a replica out of service.
      nativeCrypto: () =>
        nativeCryptoAvailable()
          ? { ok: true, detail: 'native addon of ssh2 in use' }
          : { ok: true, detail: 'SLOW: the native addon of ssh2 is not built, run npm rebuild ssh2' },
    };
  }
}

function makeGateway(
  settings: Settings,
  {
    recording,
    ...parts
  }: Pick<SessionParts, 'bus' | 'verifier' | 'audit' | 'log' | 'capacity'> & {
    recording: Pick<RecorderParts, 'stream' | 'graceMs' | 'replica'>;
  },
): Gateway {
  const timers = new SystemTimers();
  const keepalive = { intervalMs: settings.SESSION_KEEPALIVE_SECONDS * 1_000, maxMissed: MAX_KEEPALIVES_MISSED };
  const hostKeys = [settings.SESSION_HOST_KEY_ED25519, settings.SESSION_HOST_KEY_RSA];
  const logOn = new LogOn(parts.bus, parts.verifier, {
    ident: IDENT,
    dialTimeoutMs: settings.SESSION_DIAL_TIMEOUT_SECONDS * 1_000,
    keepalive,
  });
  const authentication = {
    sealTo: publicKeyFromPem(settings.ASSET_SEALING_PUBLIC_KEY),
    maxTries: settings.SESSION_MAX_AUTH_TRIES,
  };
  return new Gateway(
    {
      host: settings.SESSION_SSH_HOST,
      port: settings.SESSION_SSH_PORT,
      drainMs: settings.SESSION_DRAIN_SECONDS * 1_000,
      warnMs: settings.SESSION_WARN_SECONDS * 1_000,
      server: {
        ident: IDENT,
        hostKeys: hostKeys.filter((key) => key !== undefined).map((key) => key.expose()),
        loginGraceMs: settings.SESSION_LOGIN_GRACE_SECONDS * 1_000,
        maxUnauthenticated: settings.SESSION_MAX_UNAUTHENTICATED,
        maxUnauthenticatedPerAddress: settings.SESSION_MAX_UNAUTHENTICATED_PER_ADDRESS,
        maxFailuresPerMinute: settings.SESSION_MAX_FAILURES_PER_MINUTE,
        proxies: AddressList.of(settings.SESSION_PROXY_ADDRESSES),
        keepalive,
      },
    },
    {
      ...parts,
      logOn,
      authentication,
      flow: { windowBytes: settings.SESSION_WINDOW_BYTES, packetBytes: settings.SESSION_PACKET_BYTES },
      timers,
      access: new AccessWatch(parts.bus, timers, parts.log),
      beginRecording: (of, onFailed) =>
        ChannelRecorder.begin({ ...recording, audit: parts.audit, timers }, of, onFailed),
      limits: limitDefaults(settings),
      menuIdleMs: settings.SESSION_MENU_IDLE_SECONDS * 1_000,
    },
  );
}

function makeCapacity(settings: Settings): Capacity {
  const load = new ProcessLoad();
  load.start();
  const rules = {
    maxSessions: settings.SESSION_MAX_SESSIONS,
    maxMemoryBytes: settings.SESSION_MAX_MEMORY_BYTES ?? usableMemoryBytes(MEMORY_SHARE),
    maxDelayMs: settings.SESSION_MAX_DELAY_MS,
  };
  const capacity = new Capacity(rules, load);
  if (cluster.isWorker) shareSessions(capacity);
  return capacity;
}

function limitDefaults(settings: Settings): LimitDefaults {
  return {
    idleSeconds: settings.SESSION_IDLE_SECONDS,
    durationSeconds: settings.SESSION_DURATION_SECONDS,
    warnSeconds: settings.SESSION_WARN_SECONDS,
  };
}
