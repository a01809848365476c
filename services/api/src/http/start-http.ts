import type { DynamicModule, LoggerService, NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Bus, Connection, natsAnswers } from '@sallyport/messaging';
import { logger } from '@sallyport/telemetry';
import type { FastifyInstance } from 'fastify';
import type { Settings } from '../config.js';
import { registerDocs } from '../docs/register-docs.js';
import { Endpoints } from '../endpoints/endpoints.js';
import { authenticate } from '../sign-in/authenticate.js';
import { registerEndpoints } from './register-endpoints.js';
import { registerHealth } from './register-health.js';
import { ProblemAdapter } from './server.js';

/** Makes the application and listens. */
export async function startHttp(
  root: DynamicModule,
  nestLogger: LoggerService,
  settings: Pick<Settings, 'API_HOST' | 'API_PORT' | 'API_TRUSTED_PROXIES' | 'LOG_LEVEL'>,
): Promise<NestFastifyApplication> {
  const log = logger('api', settings.LOG_LEVEL);
  const adapter = new ProblemAdapter(log, settings.API_TRUSTED_PROXIES);
  const options: NestApplicationOptions = { bodyParser: false, logger: nestLogger, abortOnError: false };
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, options);
  const bus = app.get(Bus);
  const { nats } = app.get(Connection);
  const { all } = app.get(Endpoints);
  const server: FastifyInstance = adapter.getInstance();
  registerEndpoints(server, all, (authorization, visitor) => authenticate(bus, authorization, visitor));
  registerDocs(
    server,
    all.map((endpoint) => endpoint.route),
  );
  registerHealth(server, { nats: async () => ({ ok: await natsAnswers(nats) }) });
  await app.listen(settings.API_PORT, settings.API_HOST);
  log.info({ url: await app.getUrl() }, 'listening');
  return app;
}
