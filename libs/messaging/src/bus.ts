import { errors as natsErrors, headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import type { ReplyOf, RequestContract, RequestOf } from '@sallyport/contracts';
import { DomainError, fromWire } from '@sallyport/errors';
import { currentTraceparent, SpanKind, withSpan } from '@sallyport/telemetry';
import type { z } from 'zod';

/** Port: asks another service. */
export abstract class Bus {
  /**
   * Sends one request and waits for its answer, no longer than the contract's `timeoutMs`.
   * @param options.replica of an addressed contract: the replica that holds the state
   * @throws DomainError with the code the other service gave; `service.unavailable` (retryable) when nobody answered;
   *   `request.invalid` when the request does not fit the contract (nothing is sent); `internal` when the reply does not
   */
  abstract request<C extends RequestContract>(
    contract: C,
    request: z.input<C['request']> & RequestOf<C>,
    options?: { replica?: string },
  ): Promise<ReplyOf<C>>;
}

export class NatsBus extends Bus {
  constructor(private readonly connection: NatsConnection) {
    super();
  }

  override request<C extends RequestContract>(
    contract: C,
    request: z.input<C['request']> & RequestOf<C>,
    options: { replica?: string } = {},
  ): Promise<ReplyOf<C>> {
    const subject = subjectFor(contract, options.replica);
    return withSpan(
      `send ${contract.subject}`,
      async () => {
        const sent = contract.request.safeParse(request);
        if (!sent.success)
          throw new DomainError('request.invalid', `${contract.subject}: ${describeIssues(sent.error)}`);
        const message = await this.send(contract, subject, sent.data);
        return readReply(contract, message);
      },
      { kind: SpanKind.CLIENT },
    );
  }

  private async send(contract: RequestContract, subject: string, data: unknown): Promise<Msg> {
    const carried = headers();
    const traceparent = currentTraceparent();
    if (traceparent) carried.set('traceparent', traceparent);
    try {
      // Nest's packet: it answers only to what has an id.
      const packet = JSON.stringify({ pattern: subject, id: '1', data });
      return await this.connection.request(subject, packet, { timeout: contract.timeoutMs, headers: carried });
    } catch (cause) {
      throw unavailable(contract, cause);
    }
  }
}

/** Where a request goes: an addressed one to the replica that it names. */
export function subjectFor(contract: RequestContract, replica: string | undefined): string {
  if (!contract.addressed) return contract.subject;
  if (!replica) throw new Error(`${contract.subject} needs the name of a replica`);
  return `${contract.subject}.${replica}`;
}

/** Which fields are wrong and why; never what was in them. */
export function describeIssues(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`).join('; ');
}

function readReply<C extends RequestContract>(contract: C, message: Msg): ReplyOf<C> {
  let packet: { err?: unknown; response?: unknown };
  try {
    packet = message.json<{ err?: unknown; response?: unknown }>();
  } catch (cause) {
    throw new DomainError('internal', `${contract.subject}: the reply is not JSON`, { cause });
  }
  if (packet.err !== undefined && packet.err !== null) throw fromWire(packet.err);
  const reply = contract.reply.safeParse(packet.response);
  if (!reply.success)
    throw new DomainError('internal', `${contract.subject}: the reply does not fit the contract`, {
      cause: reply.error,
    });
  return reply.data as ReplyOf<C>;
}

function unavailable(contract: RequestContract, cause: unknown): DomainError {
  const owner = contract.subject.split('.')[0] ?? 'service';
  const why = cause instanceof natsErrors.TimeoutError ? 'did not answer in time' : 'cannot be reached';
  return new DomainError('service.unavailable', `${owner} ${why}, try again`, { retryable: true, cause });
}
