import { Controller } from '@nestjs/common';
import type { ReplyOf, RequestOf } from '@sallyport/contracts';
import { AuthorizeAccessV1 } from '@sallyport/contracts';
import { Handles, Input } from '@sallyport/messaging';
import { AuthorizeAccess } from './authorize-access.js';

@Controller()
export class AccessController {
  constructor(private readonly authorizeAccess: AuthorizeAccess) {}

  @Handles(AuthorizeAccessV1)
  async authorize(
    @Input(AuthorizeAccessV1) q: RequestOf<typeof AuthorizeAccessV1>,
  ): Promise<ReplyOf<typeof AuthorizeAccessV1>> {
    return { grant: await this.authorizeAccess.run(q) };
  }
}
