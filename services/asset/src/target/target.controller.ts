import { Controller } from '@nestjs/common';
import type { ReplyOf, RequestOf } from '@sallyport/contracts';
import { ListTargetsV1 } from '@sallyport/contracts';
import { Handles, Input } from '@sallyport/messaging';
import { ListTargets } from './list-targets.js';

@Controller()
export class TargetController {
  constructor(private readonly listTargets: ListTargets) {}

  @Handles(ListTargetsV1)
  list(@Input(ListTargetsV1) q: RequestOf<typeof ListTargetsV1>): Promise<ReplyOf<typeof ListTargetsV1>> {
    return this.listTargets.run(q);
  }
}
