import { Controller } from '@nestjs/common';
import { ProveConsistencyV1, ProveEventV1, ShowCheckpointV1, type ReplyOf, type RequestOf } from '@sallyport/contracts';
import { Handles, Input } from '@sallyport/messaging';
import { Prove } from './prove.js';

@Controller()
export class ProofController {
  constructor(private readonly prove: Prove) {}

  @Handles(ShowCheckpointV1)
  checkpoint(): Promise<ReplyOf<typeof ShowCheckpointV1>> {
    return this.prove.checkpoint();
  }

  @Handles(ProveEventV1)
  inclusion(@Input(ProveEventV1) request: RequestOf<typeof ProveEventV1>): Promise<ReplyOf<typeof ProveEventV1>> {
    return this.prove.inclusion(request.sequence);
  }

  @Handles(ProveConsistencyV1)
  consistency(
    @Input(ProveConsistencyV1) request: RequestOf<typeof ProveConsistencyV1>,
  ): Promise<ReplyOf<typeof ProveConsistencyV1>> {
    return this.prove.consistency(request.first);
  }
}
