import { Controller } from '@nestjs/common';
import {
  OpenCredentialV1,
  PrepareCredentialV1,
  RefreshCredentialV1,
  ReleaseCredentialV1,
  SignUserauthV1,
} from '@sallyport/contracts';
import type { ReplyOf, RequestOf } from '@sallyport/contracts';
import { Handles, Input } from '@sallyport/messaging';
import { Leases } from './leases.js';
import { OpenCredential } from './open-credential.js';
import { PrepareCredential } from './prepare-credential.js';
import { RefreshCredential } from './refresh-credential.js';
import { SignUserauth } from './sign-userauth.js';

@Controller()
export class CredentialController {
  constructor(
    private readonly prepareCredential: PrepareCredential,
    private readonly openCredential: OpenCredential,
    private readonly signUserauth: SignUserauth,
    private readonly refreshCredential: RefreshCredential,
    private readonly leases: Leases,
  ) {}

  @Handles(PrepareCredentialV1)
  prepare(
    @Input(PrepareCredentialV1) q: RequestOf<typeof PrepareCredentialV1>,
  ): Promise<ReplyOf<typeof PrepareCredentialV1>> {
    return this.prepareCredential.run(q.grant);
  }

  @Handles(OpenCredentialV1)
  open(@Input(OpenCredentialV1) q: RequestOf<typeof OpenCredentialV1>): Promise<ReplyOf<typeof OpenCredentialV1>> {
    return this.openCredential.run(q);
  }

  @Handles(SignUserauthV1)
  sign(@Input(SignUserauthV1) q: RequestOf<typeof SignUserauthV1>): Promise<ReplyOf<typeof SignUserauthV1>> {
    return this.signUserauth.run(q);
  }

  @Handles(RefreshCredentialV1)
  refresh(
    @Input(RefreshCredentialV1) q: RequestOf<typeof RefreshCredentialV1>,
  ): Promise<ReplyOf<typeof RefreshCredentialV1>> {
    return this.refreshCredential.run(q);
  }

  @Handles(ReleaseCredentialV1)
  release(@Input(ReleaseCredentialV1) q: RequestOf<typeof ReleaseCredentialV1>): ReplyOf<typeof ReleaseCredentialV1> {
    this.leases.end(q.grantId, q.end);
    return {};
  }
}
