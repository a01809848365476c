import { Controller } from '@nestjs/common';
import {
  CreateSubscriptionV1,
  DeleteSubscriptionV1,
  GetSubscriptionV1,
  ListDeadLettersV1,
  ListSubscriptionsV1,
  RetryDeadLettersV1,
  UpdateSubscriptionV1,
  type IdentityClaims,
  type ReplyOf,
  type RequestOf,
} from '@sallyport/contracts';
import { ActorOf, Handles, Input } from '@sallyport/messaging';
import { ManageSubscriptions } from './manage-subscriptions.js';

@Controller()
export class SubscriptionController {
  constructor(private readonly subscriptions: ManageSubscriptions) {}

  @Handles(ListSubscriptionsV1)
  list(): Promise<ReplyOf<typeof ListSubscriptionsV1>> {
    return this.subscriptions.list();
  }

  @Handles(GetSubscriptionV1)
  get(
    @Input(GetSubscriptionV1) request: RequestOf<typeof GetSubscriptionV1>,
  ): Promise<ReplyOf<typeof GetSubscriptionV1>> {
    return this.subscriptions.get(request.subscriptionId);
  }

  @Handles(CreateSubscriptionV1)
  create(
    @Input(CreateSubscriptionV1) request: RequestOf<typeof CreateSubscriptionV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof CreateSubscriptionV1>> {
    return this.subscriptions.create(request, actor);
  }

  @Handles(UpdateSubscriptionV1)
  update(
    @Input(UpdateSubscriptionV1) request: RequestOf<typeof UpdateSubscriptionV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof UpdateSubscriptionV1>> {
    return this.subscriptions.update(request, actor);
  }

  @Handles(DeleteSubscriptionV1)
  remove(
    @Input(DeleteSubscriptionV1) request: RequestOf<typeof DeleteSubscriptionV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof DeleteSubscriptionV1>> {
    return this.subscriptions.remove(request.subscriptionId, actor);
  }

  @Handles(ListDeadLettersV1)
  deadLetters(
    @Input(ListDeadLettersV1) request: RequestOf<typeof ListDeadLettersV1>,
  ): Promise<ReplyOf<typeof ListDeadLettersV1>> {
    return this.subscriptions.deadLetters(request);
  }

  @Handles(RetryDeadLettersV1)
  retryDeadLetters(
    @Input(RetryDeadLettersV1) request: RequestOf<typeof RetryDeadLettersV1>,
    @ActorOf() actor: IdentityClaims,
  ): Promise<ReplyOf<typeof RetryDeadLettersV1>> {
    return this.subscriptions.retryDeadLetters(request.subscriptionId, actor);
  }
}
