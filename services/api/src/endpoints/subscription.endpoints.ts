import { randomBytes } from 'node:crypto';
import {
  CreateSubscriptionRoute,
  CreateSubscriptionV1,
  DeleteSubscriptionRoute,
  DeleteSubscriptionV1,
  GetSubscriptionRoute,
  GetSubscriptionV1,
  ListDeadLettersRoute,
  ListDeadLettersV1,
  ListSubscriptionsRoute,
  ListSubscriptionsV1,
  RetryDeadLettersRoute,
  RetryDeadLettersV1,
  UpdateSubscriptionRoute,
  UpdateSubscriptionV1,
} from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Bus } from '@sallyport/messaging';
import { endpoint, forward, type Endpoint } from './endpoint.js';
import type { Sealers } from './sealers.js';

const keyBytes = 32;

export function subscriptionEndpoints(bus: Bus, sealers: Sealers): Endpoint[] {
  return [
    forward(bus, ListSubscriptionsRoute, ListSubscriptionsV1),
    endpoint(CreateSubscriptionRoute, async ({ body: { secret: given, filter = {}, ...body } }, { identity }) => {
      const request = { actor: identity, ...body, filter };
      if (body.url.startsWith('syslog')) {
        if (given !== undefined) throw new DomainError('request.invalid', 'secret: syslog has no signatures');
        return bus.request(CreateSubscriptionV1, request);
      }
      const secret = given ?? `whsec_${randomBytes(keyBytes).toString('base64')}`;
      const sealed = await sealers.toAudit(secret, body.name);
      return { ...(await bus.request(CreateSubscriptionV1, { ...request, secret: sealed })), secret };
    }),
    forward(bus, GetSubscriptionRoute, GetSubscriptionV1),
    forward(bus, UpdateSubscriptionRoute, UpdateSubscriptionV1),
    forward(bus, DeleteSubscriptionRoute, DeleteSubscriptionV1),
    forward(bus, ListDeadLettersRoute, ListDeadLettersV1),
    forward(bus, RetryDeadLettersRoute, RetryDeadLettersV1),
  ];
}
