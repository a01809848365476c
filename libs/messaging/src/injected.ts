import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from '@sallyport/telemetry';

/** The process's one connection to NATS, for what is neither Bus nor AuditPublisher. */
export class Connection {
  constructor(readonly nats: NatsConnection) {}
}

/** The process's logger. */
export class ServiceLogger {
  constructor(readonly log: Logger) {}
}
