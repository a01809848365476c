import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { jetstream, type JetStreamClient } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { EventContract, EventData, ServiceName } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { counter, currentTraceparent, type Logger } from '@sallyport/telemetry';

/** The JetStream stream that holds every audit event until `audit` has stored it. */
export const auditStream = 'AUDIT';

const ackTimeoutMs = 2_000;
/** Best-effort events on their way; more than this means that the stream is gone, and more would only fill memory. */
const maxInFlight = 10_000;
/** Events that wait for the stream to be back; a session ends once, so that is as many sessions of this process. */
const maxKept = 10_000;
const keptRetryMs = 1_000;

/** Port: records what happens. */
export abstract class AuditPublisher {
  /**
   * Publishes one event. An `enforced` one resolves when the stream has it on disk: do the act only then. A `best-effort`
   * one resolves at once; its loss is counted and logged.
   * @param options.subject CloudEvents `subject`; by default the `sessionId` in the data
   * @param options.keep of a best-effort event that nobody else would tell of: while the stream is gone it waits, in memory
   * @throws DomainError `audit.unavailable` (retryable): an enforced event was not acknowledged
   */
  abstract publish<E extends EventContract>(
    event: E,
    data: EventData<E>,
    options?: { subject?: string; keep?: boolean },
  ): Promise<void>;
}

/** A CloudEvent 1.0 in structured JSON form, as it is stored and shown. */
export interface CloudEvent {
  specversion: '1.0';
  id: string;
  type: string;
  source: string;
  subject?: string;
  time: string;
  datacontenttype: 'application/json';
  traceparent?: string;
  data: Record<string, unknown>;
}

export class JetStreamAuditPublisher extends AuditPublisher {
  private readonly jetstream: JetStreamClient;
  private readonly lost = counter('sallyport.audit.events.lost', 'Best-effort audit events that were not acknowledged');
  private readonly refused = counter(
    'sallyport.audit.events.refused',
    'Enforced audit events that were not acknowledged',
  );
  private inFlight = 0;
  private readonly kept: { event: EventContract; cloudEvent: CloudEvent }[] = [];

  constructor(
    connection: NatsConnection,
    private readonly service: ServiceName,
    private readonly log: Logger,
  ) {
    super();
    this.jetstream = jetstream(connection);
  }

  override async publish<E extends EventContract>(
    event: E,
    data: EventData<E>,
    options: { subject?: string; keep?: boolean } = {},
  ): Promise<void> {
    const cloudEvent = toCloudEvent(event, data, this.service, options.subject);
    if (event.guarantee === 'best-effort') {
      this.publishLater(event, cloudEvent, options.keep ?? false);
      return;
    }
    try {
      await this.send(event, cloudEvent);
    } catch (cause) {
      this.refused.add(1, { event: event.name });
      this.log.error({ event: event.name, reason: reasonOf(cause) }, 'an enforced audit event was not acknowledged');
      throw new DomainError('audit.unavailable', 'this cannot be recorded now, so it is not done; try again', {
        retryable: true,
        cause,
      });
    }
  }

  private publishLater(event: EventContract, cloudEvent: CloudEvent, keep: boolean): void {
    if (this.inFlight >= maxInFlight) {
      this.giveUp(event, cloudEvent, keep, 'too many on their way');
      return;
    }
    this.inFlight += 1;
    this.send(event, cloudEvent)
      .catch((error: unknown) => {
        this.giveUp(event, cloudEvent, keep, reasonOf(error));
      })
      .finally(() => {
        this.inFlight -= 1;
      });
  }

  private giveUp(event: EventContract, cloudEvent: CloudEvent, keep: boolean, reason: string): void {
    const about = { event: event.name, id: cloudEvent.id, reason };
    if (keep && this.kept.length < maxKept) {
      this.log.warn(about, 'an audit event waits for the stream to be back');
      this.kept.push({ event, cloudEvent });
      if (this.kept.length === 1) void this.sendKept();
      return;
    }
    this.lost.add(1, { event: event.name });
    this.log.error(about, 'an audit event was lost');
  }

  /** One at a time, oldest first: while the first is not taken, none is. */
  private async sendKept(): Promise<void> {
    for (let first = this.kept[0]; first; first = this.kept[0]) {
      try {
        await this.send(first.event, first.cloudEvent);
        this.kept.shift();
      } catch {
        await pause(keptRetryMs, undefined, { ref: false });
      }
    }
  }

  /** Twice at most: the stream knows the id, so a repeat cannot store the event again. */
  private async send(event: EventContract, cloudEvent: CloudEvent): Promise<void> {
    const payload = JSON.stringify(cloudEvent);
    await this.jetstream.publish(event.subject, payload, {
      msgID: cloudEvent.id,
      timeout: ackTimeoutMs,
      retries: 2,
      expect: { streamName: auditStream },
    });
  }
}

/**
 * Builds the event and checks it against its contract.
 * @throws ZodError when the data does not fit: a mistake in the program
 */
export function toCloudEvent<E extends EventContract>(
  event: E,
  data: EventData<E>,
  service: ServiceName,
  subject?: string,
): CloudEvent {
  const checked = event.data.parse(data);
  const about = subject ?? (typeof checked['sessionId'] === 'string' ? checked['sessionId'] : undefined);
  const traceparent = currentTraceparent();
  return {
    specversion: '1.0',
    id: randomUUID(),
    type: event.type,
    source: `/sallyport/${service}`,
    ...(about === undefined ? {} : { subject: about }),
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    ...(traceparent === undefined ? {} : { traceparent }),
    data: checked,
  };
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown');
