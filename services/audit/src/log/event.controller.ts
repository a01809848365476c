import { Controller } from '@nestjs/common';
import { FollowEventsV1, ListEventsV1, type IdentityClaims, type ReplyOf, type RequestOf } from '@sallyport/contracts';
import { ActorOf, Handles, Input } from '@sallyport/messaging';
import { FollowEvents } from './follow-events.js';
import { ListEvents } from './list-events.js';
import { RecordView } from './record-view.js';

@Controller()
export class EventController {
  constructor(
    private readonly listEvents: ListEvents,
    private readonly followEvents: FollowEvents,
    private readonly recordView: RecordView,
  ) {}

  @Handles(ListEventsV1)
  async list(
    @Input(ListEventsV1) { actor: _, ...request }: RequestOf<typeof ListEventsV1>,
    @ActorOf() viewer: IdentityClaims,
  ): Promise<ReplyOf<typeof ListEventsV1>> {
    const everyPage = { ...request, cursor: undefined, limit: undefined, order: undefined };
    await this.recordView.run(viewer, 'list', everyPage);
    return this.listEvents.run(request);
  }

  @Handles(FollowEventsV1)
  async follow(
    @Input(FollowEventsV1) { actor: _, ...request }: RequestOf<typeof FollowEventsV1>,
    @ActorOf() viewer: IdentityClaims,
  ): Promise<ReplyOf<typeof FollowEventsV1>> {
    const { after, wait, ...filter } = request;
    await this.recordView.run(viewer, 'stream', filter);
    return this.followEvents.run(filter, after, wait);
  }
}
