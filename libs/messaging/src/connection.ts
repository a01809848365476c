import type { ServiceName } from '@sallyport/contracts';
import type { Secret } from '@sallyport/secret';
import type { Logger } from '@sallyport/telemetry';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';

/** Answers come to a service below this subject, where no other service may listen. */
export const inboxPrefix = (service: ServiceName): string => `_INBOX_${service}`;

/**
 * Connects with the service's own nkey, waits for the server as long as it takes, and comes back after every loss.
 * @param seed of the nkey, `SU…`
 */
export async function connectNats(options: {
  service: ServiceName;
  url: string;
  seed: Secret<string>;
  logger: Logger;
}): Promise<NatsConnection> {
  const connection = await connect({
    servers: options.url,
    name: options.service,
    authenticator: nkeyAuthenticator(new TextEncoder().encode(options.seed.expose())),
    inboxPrefix: inboxPrefix(options.service),
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    pingInterval: 10_000,
    maxPingOut: 2,
    ignoreAuthErrorAbort: true,
    // Else each request would make an error with a stack in advance, and throw it away: a fiftieth of what a logon costs.
    noAsyncTraces: true,
  });
  void follow(connection, options.logger);
  return connection;
}

/** Is the server there right now? For readiness. */
export async function natsAnswers(connection: NatsConnection): Promise<boolean> {
  try {
    await connection.rtt();
    return true;
  } catch {
    return false;
  }
}

async function follow(connection: NatsConnection, log: Logger): Promise<void> {
  for await (const status of connection.status()) {
    switch (status.type) {
      case 'disconnect':
        log.warn('NATS connection lost, reconnecting');
        break;
      case 'reconnect':
        log.info('NATS connection is back');
        break;
      case 'error':
        log.error({ reason: status.error.message }, 'NATS refused an operation');
        break;
      default:
    }
  }
}

/** For tools and tests: connects with a seed, once, without coming back. */
export function connectWithSeed(
  url: string,
  seed: string,
  options: { inboxPrefix?: string } = {},
): Promise<NatsConnection> {
  return connect({
    servers: url,
    authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)),
    reconnect: false,
    ...options,
  });
}
