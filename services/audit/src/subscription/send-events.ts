import { StoredEvent } from '@sallyport/contracts';
import { counter, type Logger } from '@sallyport/telemetry';
import type { EventLog } from '../log/event-log.js';
import type { LogTail } from '../log/log-tail.js';
import type { Channel, Outgoing } from './channel.js';
import { fits } from './fits.js';
import { DeliveryError, nextTry } from './retry-rule.js';
import type { Progress, Receiver, Receivers } from './subscription.js';

/** Events looked at in one go. */
const batch = 200;
/** A replica that died is replaced after this time; one that lives says so far more often. */
export const senderLeaseMs = 5_000;

/**
 * Sends one receiver what it wants of the log, in order, from its place on, until the log's end, a failure, or `signal`. Its
 * place is kept after each event: a process that dies sends that one event again. The log itself waits for nobody.
 */
export class SendEvents {
  private readonly sent = counter('sallyport.audit.deliveries.sent', 'Events that receivers took');
  private readonly failed = counter('sallyport.audit.deliveries.failed', 'Attempts that failed');
  private readonly buried = counter('sallyport.audit.deliveries.dead', 'Events that became dead letters');

  /** @param open a channel to a receiver @throws DeliveryError */
  constructor(
    private readonly receivers: Receivers,
    private readonly log: Pick<EventLog, 'texts'>,
    private readonly tail: LogTail,
    private readonly open: (receiver: Receiver) => Promise<Channel>,
    private readonly sender: string,
    private readonly logger: Logger,
  ) {}

  async run(receiver: Receiver, signal: AbortSignal): Promise<void> {
    let channel: Channel | undefined;
    const send = async (event: Outgoing) => {
      channel ??= await this.open(receiver);
      await channel.send(event);
      this.sent.add(1);
    };
    try {
      await this.retry(receiver, send);
      await this.follow(receiver, send, signal);
    } finally {
      channel?.close();
    }
  }

  private async follow(receiver: Receiver, send: (event: Outgoing) => Promise<void>, signal: AbortSignal) {
    let { position } = receiver;
    let failures = receiver.failures;
    let { failingSince } = receiver;
    const keep = async (progress: Partial<Progress>): Promise<boolean> => {
      const next = {
        position,
        failures: 0,
        failingSince: undefined,
        retryAt: undefined,
        lastError: undefined,
        ...progress,
      };
      const kept = await this.receivers.keep(this.sender, receiver.id, position, next, senderLeaseMs);
      ({ position, failures, failingSince } = next);
      return kept;
    };
    const stopped = () => signal.aborted;
    while (!stopped()) {
      const size = await this.tail.beyond(position, 0);
      const last = Math.min(size, position + batch);
      if (last <= position) return;
      for (const event of await this.wanted(receiver, position + 1, last)) {
        if (stopped()) return;
        try {
          await send(event);
        } catch (error) {
          if (!(await this.fail(receiver, event, { error, failures, failingSince }, keep))) return;
          continue;
        }
        if (!(await keep({ position: event.sequence }))) return;
      }
      if (position < last && !(await keep({ position: last }))) return;
    }
  }

  /** @returns whether to go on with the next event */
  private async fail(
    receiver: Receiver,
    event: Outgoing,
    { error, ...before }: { error: unknown; failures: number; failingSince: Date | undefined },
    keep: (progress: Partial<Progress>) => Promise<boolean>,
  ): Promise<boolean> {
    if (!(error instanceof DeliveryError)) throw error;
    this.failed.add(1);
    const now = new Date();
    const failed = { error, failures: before.failures + 1, failingSince: before.failingSince ?? now };
    const retryAt = nextTry(failed, now);
    this.logger.warn(
      { receiver: receiver.id, sequence: event.sequence, reason: error.message, retryAt },
      'not delivered',
    );
    if (retryAt) {
      await keep({ failures: failed.failures, failingSince: failed.failingSince, retryAt, lastError: error.message });
      return false;
    }
    this.buried.add(1);
    await this.receivers.bury(receiver.id, { sequence: event.sequence, eventId: event.id, error: error.message });
    return keep({ position: event.sequence, lastError: error.message });
  }

  /** Dead letters that somebody wants sent again: once each. */
  private async retry(receiver: Receiver, send: (event: Outgoing) => Promise<void>): Promise<void> {
    for (const sequence of await this.receivers.toRetry(receiver.id, batch)) {
      const [event] = await this.read(sequence, sequence);
      try {
        if (event) await send(event.outgoing);
        await this.receivers.revive(receiver.id, sequence);
      } catch (error) {
        if (!(error instanceof DeliveryError) || !event) throw error;
        this.failed.add(1);
        await this.receivers.bury(receiver.id, { sequence, eventId: event.outgoing.id, error: error.message });
      }
    }
  }

  private async wanted({ filter }: Receiver, first: number, last: number): Promise<Outgoing[]> {
    return (await this.read(first, last)).filter(({ event }) => fits(filter, event)).map(({ outgoing }) => outgoing);
  }

  private async read(first: number, last: number): Promise<{ event: StoredEvent; outgoing: Outgoing }[]> {
    const texts = await this.log.texts({}, first, last);
    return texts.map(({ sequence, body }) => {
      const json = `${body.trimEnd().slice(0, -1)},"sequence":${sequence}}`;
      const event = StoredEvent.parse(JSON.parse(json));
      const { id, type, source, time } = event;
      return { event, outgoing: { sequence, id, type, source, time, json } };
    });
  }
}
