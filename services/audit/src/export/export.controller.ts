import { Controller } from '@nestjs/common';
import { ExportEventsV1, type ReplyOf, type RequestOf } from '@sallyport/contracts';
import { Handles, Input } from '@sallyport/messaging';
import { ExportEvents } from './export-events.js';

@Controller()
export class ExportController {
  constructor(private readonly exportEvents: ExportEvents) {}

  @Handles(ExportEventsV1)
  part(
    @Input(ExportEventsV1) { actor: _, ...request }: RequestOf<typeof ExportEventsV1>,
  ): Promise<ReplyOf<typeof ExportEventsV1>> {
    return this.exportEvents.run(request);
  }
}
