import { Controller } from '@nestjs/common';
import type { ReplyOf, RequestOf } from '@sallyport/contracts';
import { ResolveTokenV1, RevokeTokenV1, SignInV1 } from '@sallyport/contracts';
import { Handles, Input } from '@sallyport/messaging';
import { BearerTokens } from './bearer-tokens.js';
import { ResolveToken } from './resolve-token.js';
import { SignIn } from './sign-in.js';

@Controller()
export class SignInController {
  constructor(
    private readonly signIn: SignIn,
    private readonly resolveToken: ResolveToken,
    private readonly tokens: BearerTokens,
  ) {}

  @Handles(SignInV1)
  async open(@Input(SignInV1) q: RequestOf<typeof SignInV1>): Promise<ReplyOf<typeof SignInV1>> {
    return { expiresAt: (await this.signIn.run(q)).toISOString() };
  }

  @Handles(ResolveTokenV1)
  resolve(@Input(ResolveTokenV1) q: RequestOf<typeof ResolveTokenV1>): Promise<ReplyOf<typeof ResolveTokenV1>> {
    return this.resolveToken.run(q.tokenHash, q.clientAddress);
  }

  @Handles(RevokeTokenV1)
  async revoke(@Input(RevokeTokenV1) q: RequestOf<typeof RevokeTokenV1>): Promise<ReplyOf<typeof RevokeTokenV1>> {
    await this.tokens.remove(q.tokenHash);
    return {};
  }
}
