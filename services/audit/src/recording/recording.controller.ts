import { Controller } from '@nestjs/common';
import {
  FollowRecordingV1,
  ListRecordingsV1,
  ReadRecordingV1,
  type IdentityClaims,
  type ReplyOf,
  type RequestOf,
} from '@sallyport/contracts';
import { ActorOf, Handles, Input } from '@sallyport/messaging';
import { FollowRecording } from './follow-recording.js';
import { ShowRecordings } from './show-recordings.js';

@Controller()
export class RecordingController {
  constructor(
    private readonly show: ShowRecordings,
    private readonly follow: FollowRecording,
  ) {}

  @Handles(ListRecordingsV1)
  list(
    @Input(ListRecordingsV1) { sessionId }: RequestOf<typeof ListRecordingsV1>,
    @ActorOf() viewer: IdentityClaims,
  ): Promise<ReplyOf<typeof ListRecordingsV1>> {
    return this.show.list(sessionId, viewer);
  }

  @Handles(ReadRecordingV1)
  read(
    @Input(ReadRecordingV1) request: RequestOf<typeof ReadRecordingV1>,
    @ActorOf() viewer: IdentityClaims,
  ): Promise<ReplyOf<typeof ReadRecordingV1>> {
    return this.show.read(request, viewer);
  }

  @Handles(FollowRecordingV1)
  watch(
    @Input(FollowRecordingV1) request: RequestOf<typeof FollowRecordingV1>,
    @ActorOf() viewer: IdentityClaims,
  ): Promise<ReplyOf<typeof FollowRecordingV1>> {
    return this.follow.run(request, viewer);
  }
}
