import { Controller } from '@nestjs/common';
import { ExportEventsV1, type IdentityClaims, type ReplyOf, type RequestOf } from '@sallyport/contracts';
import { ActorOf, Handles, Input } from '@sallyport/messaging';
import { RecordView } from '../log/record-view.js';
import { ExportEvents } from './export-events.js';

@Controller()
export class ExportController {
  constructor(
    private readonly exportEvents: ExportEvents,
    private readonly recordView: RecordView,
  ) {}

  @Handles(ExportEventsV1)
  async part(
    @Input(ExportEventsV1) { actor: _, ...request }: RequestOf<typeof ExportEventsV1>,
    @ActorOf() viewer: IdentityClaims,
  ): Promise<ReplyOf<typeof ExportEventsV1>> {
    await this.recordView.run(viewer, 'export', { ...request, next: undefined });
    return this.exportEvents.run(request);
  }
}
