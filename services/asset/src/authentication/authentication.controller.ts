import { Controller } from '@nestjs/common';
import type { ReplyOf, RequestOf } from '@sallyport/contracts';
import { AuthenticateUserV1 } from '@sallyport/contracts';
import { Handles, Input } from '@sallyport/messaging';
import { AuthenticateUser } from './authenticate-user.js';

@Controller()
export class AuthenticationController {
  constructor(private readonly authenticateUser: AuthenticateUser) {}

  @Handles(AuthenticateUserV1)
  authenticate(
    @Input(AuthenticateUserV1) q: RequestOf<typeof AuthenticateUserV1>,
  ): Promise<ReplyOf<typeof AuthenticateUserV1>> {
    return this.authenticateUser.run(q);
  }
}
