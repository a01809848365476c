import { randomUUID } from 'node:crypto';
import {
  SubscriptionCreated,
  SubscriptionDeleted,
  SubscriptionUpdated,
  type CreateSubscriptionV1,
  type EventData,
  type IdentityClaims,
  type ListDeadLettersV1,
  type ReplyOf,
  type RequestOf,
  type Subscription,
  type UpdateSubscriptionV1,
} from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import type { LogTail } from '../log/log-tail.js';
import { decodeCursor, encodeCursor } from '../paging/cursor.js';
import type { Channel } from './channel.js';
import { DeliveryError } from './retry-rule.js';
import type { NewReceiver, Receivers } from './subscription.js';

type Without<C> = Omit<RequestOf<C>, 'actor'>;
type Change = EventData<typeof SubscriptionUpdated>['change'];

/** Receivers of events, as auditors manage them. Every change is on record before it is made. */
export class ManageSubscriptions {
  /** @param open tries whether events may be sent there; connects to nobody */
  constructor(
    private readonly receivers: Receivers,
    private readonly tail: LogTail,
    private readonly audit: AuditPublisher,
    private readonly open: (receiver: NewReceiver) => Promise<Channel>,
  ) {}

  async list(): Promise<{ items: Subscription[] }> {
    return { items: await this.receivers.list() };
  }

  /** @throws DomainError `subscription.not-found` */
  async get(id: string): Promise<Subscription> {
    const found = await this.receivers.get(id);
    if (!found) throw new DomainError('subscription.not-found', 'there is no such receiver');
    return found;
  }

  /** @throws DomainError `subscription.refused`, `subscription.exists`, `audit.unavailable` */
  async create(request: Without<typeof CreateSubscriptionV1>, actor: IdentityClaims): Promise<Subscription> {
    const { name, url, filter, after, secret } = request;
    const isWebhook = !url.startsWith('syslog');
    if (isWebhook !== (secret !== undefined))
      throw new DomainError('request.invalid', 'secret: a webhook has one, and syslog has none');
    const position = after ?? (await this.tail.size());
    const receiver = { id: randomUUID(), name, url, filter, secret, position };
    await this.open(receiver).catch((error: unknown) => {
      if (error instanceof DeliveryError)
        throw new DomainError('subscription.refused', error.message, { cause: error });
      throw error;
    });
    if ((await this.receivers.list()).some((each) => each.name === name))
      throw new DomainError('subscription.exists', 'another receiver has this name');
    await this.audit.publish(SubscriptionCreated, { ...who(actor), subscription: told(receiver) });
    await this.receivers.add(receiver);
    return this.get(receiver.id);
  }

  /** @throws DomainError `subscription.not-found`, `audit.unavailable` */
  async update(request: Without<typeof UpdateSubscriptionV1>, actor: IdentityClaims): Promise<Subscription> {
    const { subscriptionId: id, status, position } = request;
    const before = await this.get(id);
    const record = (change: Change, more: { position?: number; positionBefore?: number } = {}) =>
      this.audit.publish(SubscriptionUpdated, { ...who(actor), subscription: told(before), change, ...more });
    if (position !== undefined) await record('rewound', { position, positionBefore: before.position });
    if (status !== undefined && status !== before.status) await record(status === 'paused' ? 'paused' : 'resumed');
    await this.receivers.update(id, { status, position });
    return this.get(id);
  }

  /** @throws DomainError `subscription.not-found`, `audit.unavailable` */
  async remove(id: string, actor: IdentityClaims): Promise<Record<string, never>> {
    const before = await this.get(id);
    await this.audit.publish(SubscriptionDeleted, { ...who(actor), subscription: told(before) });
    await this.receivers.remove(id);
    return {};
  }

  /** @throws DomainError `subscription.not-found`, `request.invalid` (cursor) */
  async deadLetters({
    subscriptionId,
    cursor,
    limit,
  }: Without<typeof ListDeadLettersV1>): Promise<ReplyOf<typeof ListDeadLettersV1>> {
    await this.get(subscriptionId);
    const after = decodeCursor('dead-letter', cursor) ?? 0;
    const found = await this.receivers.deadLetters(subscriptionId, after, limit + 1);
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return {
      items,
      ...(found.length > limit && last ? { nextCursor: encodeCursor('dead-letter', last.sequence) } : {}),
    };
  }

  /** @throws DomainError `subscription.not-found`, `audit.unavailable` */
  async retryDeadLetters(id: string, actor: IdentityClaims): Promise<{ retrying: number }> {
    const before = await this.get(id);
    await this.audit.publish(SubscriptionUpdated, { ...who(actor), subscription: told(before), change: 'retried' });
    return { retrying: await this.receivers.retryDeadLetters(id) };
  }
}

const who = ({ userId, username, clientAddress }: IdentityClaims) => ({ actorId: userId, username, clientAddress });

function told({ id, name, url, filter }: Pick<NewReceiver, 'id' | 'name' | 'url' | 'filter'>) {
  const { types, data } = filter;
  // A webhook's address may have a token in it.
  const { protocol, host } = new URL(url);
  return { id, name, url: `${protocol}//${host}`, filter: { ...data, ...(types ? { types: types.join(',') } : {}) } };
}
