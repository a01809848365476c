import { Controller } from '@nestjs/common';
import { ListCommandsV1, type IdentityClaims, type ReplyOf, type RequestOf } from '@sallyport/contracts';
import { ActorOf, Handles, Input } from '@sallyport/messaging';
import { RecordView } from '../log/record-view.js';
import { ShowCommands } from './show-commands.js';

@Controller()
export class CommandController {
  constructor(
    private readonly showCommands: ShowCommands,
    private readonly recordView: RecordView,
  ) {}

  @Handles(ListCommandsV1)
  async list(
    @Input(ListCommandsV1) { actor: _, ...request }: RequestOf<typeof ListCommandsV1>,
    @ActorOf() viewer: IdentityClaims,
  ): Promise<ReplyOf<typeof ListCommandsV1>> {
    await this.recordView.run(viewer, 'commands', { ...request, cursor: undefined, limit: undefined });
    return this.showCommands.list(request, viewer);
  }
}
