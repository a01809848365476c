import { z } from 'zod';
import {
  CreateSubscriptionV1,
  DeleteSubscriptionV1,
  GetSubscriptionV1,
  ListDeadLettersV1,
  ListSubscriptionsV1,
  RetryDeadLettersV1,
  Subscription,
  SubscriptionFilter,
  SubscriptionUrl,
  UpdateSubscriptionV1,
} from '../bus/subscriptions.v1.js';
import { SubscriptionId } from '../ids.js';
import { answeredBy, defineRoute } from './define-route.js';
import { PageQuery } from './query.js';

const params = z.strictObject({ subscriptionId: SubscriptionId });

export const ListSubscriptionsRoute = defineRoute({
  ...answeredBy(ListSubscriptionsV1),
  method: 'GET',
  path: '/v1/audit/subscriptions',
  summary: 'Receivers that audit events are sent to, and how far each of them is.',
  status: 200,
});
export const CreateSubscriptionRoute = defineRoute({
  ...answeredBy(CreateSubscriptionV1),
  method: 'POST',
  path: '/v1/audit/subscriptions',
  summary: 'Sends audit events to a webhook or a syslog server. The key of a webhook is shown this once.',
  body: z.strictObject({
    name: CreateSubscriptionV1.request.shape.name,
    url: SubscriptionUrl,
    filter: SubscriptionFilter.optional(),
    after: z.int().min(0).optional(),
    /** Standard Webhooks: `whsec_` and the base64 of 24 to 64 bytes; made where it is left out. */
    secret: z
      .string()
      .regex(/^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/)
      .optional(),
  }),
  reply: Subscription.extend({ secret: z.string().optional() }),
  status: 201,
});
export const GetSubscriptionRoute = defineRoute({
  ...answeredBy(GetSubscriptionV1),
  method: 'GET',
  path: '/v1/audit/subscriptions/{subscriptionId}',
  summary: 'One receiver.',
  params,
  status: 200,
});
export const UpdateSubscriptionRoute = defineRoute({
  ...answeredBy(UpdateSubscriptionV1),
  method: 'PATCH',
  path: '/v1/audit/subscriptions/{subscriptionId}',
  summary: 'Pauses or resumes a receiver, or sets it to another place of the log.',
  params,
  body: UpdateSubscriptionV1.request.omit({ actor: true, subscriptionId: true }),
  status: 200,
});
export const DeleteSubscriptionRoute = defineRoute({
  ...answeredBy(DeleteSubscriptionV1),
  method: 'DELETE',
  path: '/v1/audit/subscriptions/{subscriptionId}',
  summary: 'Sends nothing more to a receiver, and forgets it with its dead letters.',
  params,
  status: 204,
});
export const ListDeadLettersRoute = defineRoute({
  ...answeredBy(ListDeadLettersV1),
  method: 'GET',
  path: '/v1/audit/subscriptions/{subscriptionId}/dead-letters',
  summary: 'Events that a receiver did not take.',
  params,
  query: PageQuery,
  status: 200,
});
export const RetryDeadLettersRoute = defineRoute({
  ...answeredBy(RetryDeadLettersV1),
  method: 'POST',
  path: '/v1/audit/subscriptions/{subscriptionId}/dead-letters/retry',
  summary: 'Sends all dead letters once more.',
  params,
  status: 202,
});
