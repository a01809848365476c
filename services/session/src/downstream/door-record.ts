import { ConnectionRefused } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import type { Overload, Refusal } from '@sallyport/ssh-wire';
import { context, counter, currentTraceId, startSpan } from '@sallyport/telemetry';
import type { Logger } from '@sallyport/telemetry';
import { draining, overloaded } from './overload.js';
import { refusalLine } from './refusal.js';

const refused = counter('sallyport.connection.refused', 'Clients that were sent away before they were authenticated');

const sentences: Record<Exclude<Refusal, Overload | 'draining'>, string> = {
  'too-many-unauthenticated': 'too many connections wait to be authenticated; try again in a moment',
  'too-many-of-address': 'too many connections from your address wait to be authenticated; try again in a moment',
  'too-many-failures': 'too many connections from your address failed; try again in a minute',
  'too-slow': 'the logon took too long; try again',
  'bad-proxy-header': 'the connection does not begin as one of a proxy must',
};

function errorOf(reason: Refusal): DomainError {
  switch (reason) {
    case 'too-many-sessions':
    case 'too-little-memory':
    case 'too-busy':
      return overloaded(reason);
    case 'draining':
      return draining();
    default:
      return new DomainError('connection.refused', sentences[reason], { retryable: true });
  }
}

const WINDOW_MS = 60_000;
/** Addresses and reasons that are remembered; beyond this the oldest are told of again. */
const REMEMBERED = 10_000;

/** Tells auditors, once a minute for each address and reason, and the user, each time, why a connection was refused. */
export class DoorRecord {
  readonly #told = new Map<string, { traceId: string; until: number }>();

  constructor(
    private readonly audit: AuditPublisher,
    private readonly log: Logger,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @returns the line for the user; its id leads to the event */
  refused(reason: Refusal, clientAddress: string): string {
    refused.add(1, { reason });
    const key = `${reason} ${clientAddress}`;
    const told = this.#told.get(key);
    const traceId = told && told.until > this.now() ? told.traceId : this.#record(key, reason, clientAddress);
    return refusalLine(errorOf(reason), traceId);
  }

  #record(key: string, reason: Refusal, clientAddress: string): string {
    const { span, context: own } = startSpan('refuse connection');
    const traceId = currentTraceId(own);
    context
      .with(own, () => this.audit.publish(ConnectionRefused, { clientAddress, reason }))
      .catch((error: unknown) => {
        this.log.debug({ err: error }, 'a refused connection was not recorded');
      })
      .finally(() => {
        span.end();
      });
    this.#told.delete(key);
    this.#told.set(key, { traceId, until: this.now() + WINDOW_MS });
    const [oldest] = this.#told.keys();
    if (this.#told.size > REMEMBERED && oldest !== undefined) this.#told.delete(oldest);
    return traceId;
  }
}
