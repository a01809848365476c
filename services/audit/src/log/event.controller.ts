import { Controller } from '@nestjs/common';
import { ListEventsV1, type ReplyOf, type RequestOf } from '@sallyport/contracts';
import { Handles, Input } from '@sallyport/messaging';
import { ListEvents } from './list-events.js';

@Controller()
export class EventController {
  constructor(private readonly listEvents: ListEvents) {}

  @Handles(ListEventsV1)
  list(@Input(ListEventsV1) request: RequestOf<typeof ListEventsV1>): Promise<ReplyOf<typeof ListEventsV1>> {
    return this.listEvents.run(request);
  }
}
