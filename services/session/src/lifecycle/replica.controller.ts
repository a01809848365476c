import { Controller } from '@nestjs/common';
import { PingReplicaV1, type ReplyOf } from '@sallyport/contracts';
import { Handles } from '@sallyport/messaging';

/** Says that this process lives. */
@Controller()
export class ReplicaController {
  @Handles(PingReplicaV1)
  ping(): ReplyOf<typeof PingReplicaV1> {
    return {};
  }
}
