import 'reflect-metadata';
import {
  Module,
  type DynamicModule,
  type INestApplicationContext,
  type LoggerService,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NatsConnection } from '@nats-io/transport-node';
import type { ServiceName } from '@sallyport/contracts';
import type { Secret } from '@sallyport/secret';
import { logger, startHealth, startMetrics, startTracing, type Check, type Logger } from '@sallyport/telemetry';
import { connectNats, natsAnswers } from './connection.js';
import { ErrorFilter } from './error-filter.js';
import { MessagingModule } from './messaging.module.js';
import { NatsServer } from './nats-server.js';
import { replicaId } from './replica.js';

/** The part of a service's settings that this needs; `baseSettings` of libs/config. */
export interface BaseSettings {
  NATS_URL: string;
  NATS_SEED: Secret<string>;
  ASSET_SIGNING_PUBLIC_KEY: string;
  SALLYPORT_HEALTH_PORT: number;
  OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  LOG_LEVEL: string;
}

export interface ServiceOptions {
  name: ServiceName;
  settings: BaseSettings;
  module: Type | DynamicModule;
  /** Further readiness checks; NATS is always one. */
  checks?: (app: INestApplicationContext) => Record<string, Check>;
  /**
   * Makes the application; by default a microservice that answers contracts. `api`, which answers HTTP, gives its own.
   */
  create?: (root: DynamicModule, nestLogger: LoggerService) => Promise<INestApplicationContext>;
  /** How long the process may take to end before it is ended; 30 s unless told. */
  stopDeadlineMs?: number;
  /** Called at the second signal, so that what the end waits for ends now; without it, that signal ends the process. */
  hurry?: (app: INestApplicationContext) => void;
  /** Who tells the process to end, once and again; SIGTERM and SIGINT unless told. */
  onEnd?: (end: (why: string) => void) => void;
  /** Called once it is ready. */
  ready?: (healthPort: number) => void;
}

/** After the second signal. */
const HURRY_DEADLINE_MS = 5_000;

/**
 * Starts one service process: tracing, metrics, NATS, the Nest application, health. SIGTERM and SIGINT end it in order:
 * `/readyz` says no, no new requests, running ones finish, Nest's shutdown hooks, NATS, traces. A second signal ends it soon,
 * a third at once.
 */
export async function runService(options: ServiceOptions): Promise<void> {
  const { name, settings } = options;
  const stopTracing = startTracing({ service: name, otlpEndpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT });
  const metrics = startMetrics(name);
  const log = logger(name, settings.LOG_LEVEL);
  const connection = await connectNats({
    service: name,
    url: settings.NATS_URL,
    seed: settings.NATS_SEED,
    logger: log,
  });
  const root = rootModule(
    MessagingModule.register({ service: name, connection, signingPublicKey: settings.ASSET_SIGNING_PUBLIC_KEY, log }),
    options.module,
  );
  const app = options.create
    ? await options.create(root, nestLogger(log))
    : await createMicroservice(root, connection, name, log);
  let stopping = false;
  const health = await startHealth({
    port: settings.SALLYPORT_HEALTH_PORT,
    metrics,
    checks: {
      process: () => (stopping ? { ok: false, detail: 'stopping' } : { ok: true }),
      nats: async () => ({ ok: await natsAnswers(connection) }),
      ...options.checks?.(app),
    },
  });
  log.info({ healthPort: health.port, replica: replicaId }, 'ready');
  const { stopDeadlineMs = 30_000, hurry, onEnd = onSignals } = options;
  const end = inSteps(log, {
    stopDeadlineMs,
    stop: async () => {
      stopping = true;
      await app.close();
      await connection.drain();
      await stopTracing();
      health.close();
    },
    ...(hurry && {
      hurry: () => {
        hurry(app);
      },
    }),
  });
  onEnd(end);
  options.ready?.(health.port);
}

async function createMicroservice(
  root: DynamicModule,
  connection: NatsConnection,
  name: ServiceName,
  log: Logger,
): Promise<INestApplicationContext> {
  const app = await NestFactory.createMicroservice(root, {
    strategy: new NatsServer(connection, name, log),
    logger: nestLogger(log),
    abortOnError: false,
  });
  app.useGlobalFilters(new ErrorFilter(log));
  await app.listen();
  return app;
}

function rootModule(messaging: DynamicModule, service: Type | DynamicModule): DynamicModule {
  @Module({})
  class Root {}
  return { module: Root, imports: [messaging, service] };
}

interface Steps {
  stopDeadlineMs: number;
  stop: () => Promise<void>;
  hurry?: () => void;
}

function onSignals(end: (why: string) => void): void {
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

/** @returns to be called each time that the process is to end: in order, soon, at once */
function inSteps(log: Logger, { stopDeadlineMs, stop, hurry }: Steps): (why: string) => void {
  const steps = [
    () => {
      endAfter(log, stopDeadlineMs);
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, 'stopping failed');
          process.exit(1);
        },
      );
    },
    ...(hurry
      ? [
          () => {
            endAfter(log, HURRY_DEADLINE_MS);
            hurry();
          },
        ]
      : []),
  ];
  return (why) => {
    const step = steps.shift();
    log.info({ why }, step ? 'stopping' : 'stopping at once');
    if (step) step();
    else process.exit(1);
  };
}

function endAfter(log: Logger, ms: number): void {
  setTimeout(() => {
    log.error('did not stop in time');
    process.exit(1);
  }, ms).unref();
}

/** Nest's own words: its start-up chatter only at debug level. */
export function nestLogger(log: Logger): LoggerService {
  const text = (message: unknown) => (message instanceof Error ? message.message : String(message));
  return {
    log: (message: unknown) => {
      log.debug(text(message));
    },
    error: (message: unknown) => {
      log.error(message instanceof Error ? { err: message } : {}, text(message));
    },
    warn: (message: unknown) => {
      log.warn(text(message));
    },
    debug: (message: unknown) => {
      log.trace(text(message));
    },
    verbose: () => undefined,
  };
}
