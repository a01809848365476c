import { OpenCredentialV1, RefreshCredentialV1, SignUserauthV1 } from '@sallyport/contracts';
import type { GrantClaims, ReplyOf } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { Bus } from '@sallyport/messaging';
import type { SealingKey } from '@sallyport/sealing';
import { wipe } from '@sallyport/secret';
import type { AuthRefusal, Credential } from '@sallyport/ssh-wire';
import type { VerifiedHostKey } from './verify-host-key.js';

type Released = ReplyOf<typeof OpenCredentialV1>;

/** In all, with what the broker gives after a refusal. */
const MAX_ATTEMPTS = 3;

/** One prepared credential, bound to one verified connection to the target. */
export interface OpenedFor {
  readonly grant: GrantClaims;
  /** Replica of the broker that holds it. */
  readonly replica: string;
  readonly hostKey: Buffer;
  /** Of `targetSessionId`, by `hostKey`. */
  readonly hostKeySignature: Buffer;
  readonly verified: VerifiedHostKey;
  readonly targetSessionId: Buffer;
}

/** Hands the broker's credentials to the logon at the target, one after the other, and keeps none. */
export class TargetCredentials {
  #attempts = 0;
  #released: Released | undefined;
  #password: Buffer | undefined;

  constructor(
    private readonly bus: Bus,
    private readonly sealing: SealingKey,
    private readonly opened: OpenedFor,
  ) {}

  get attempts(): number {
    return this.#attempts;
  }

  /** Of the value that was offered last. */
  get versionId(): string {
    return this.#released?.versionId ?? '';
  }

  /**
   * @returns undefined when there is nothing left to try
   * @throws DomainError as the broker gave it; `target.unsupported` when one credential is not enough for the target
   */
  async next(refusal?: AuthRefusal): Promise<Credential | undefined> {
    this.wipe();
    if (refusal?.partial) throw new DomainError('target.unsupported', 'the host wants more than one credential');
    if (this.#attempts === MAX_ATTEMPTS) return undefined;
    this.#released = this.#released ? await this.#refresh(this.#released) : await this.#open();
    this.#attempts += 1;
    return this.#toCredential(this.#released);
  }

  /** Overwrites the password. To be called when the logon is over; safe to repeat. */
  wipe(): void {
    wipe(this.#password);
    this.#password = undefined;
  }

  #open(): Promise<Released> {
    const { grant, replica, hostKey, hostKeySignature, verified, targetSessionId } = this.opened;
    const request = {
      grantId: grant.grantId,
      hostKey: hostKey.toString('base64'),
      targetSessionId: targetSessionId.toString('base64'),
      hostKeySignature: hostKeySignature.toString('base64'),
      ...(verified.attestation && { attestation: verified.attestation }),
    };
    return this.bus.request(OpenCredentialV1, request, { replica });
  }

  #refresh(refused: Released): Promise<Released> {
    const request = { grantId: this.opened.grant.grantId, refusedVersionId: refused.versionId };
    return this.bus.request(RefreshCredentialV1, request, { replica: this.opened.replica });
  }

  async #toCredential(released: Released): Promise<Credential> {
    const { grant, verified, replica } = this.opened;
    if (released.kind === 'password') {
      this.#password = await this.sealing.open(released.password, `${grant.grantId} ${verified.fingerprint}`);
      return { method: 'password', password: this.#password };
    }
    return {
      method: 'publickey',
      publicKey: Buffer.from(released.publicKey, 'base64'),
      algorithms: released.algorithms,
      sign: async (userauthRequest) => {
        const request = { grantId: grant.grantId, userauthRequest: userauthRequest.toString('base64') };
        const { signature } = await this.bus.request(SignUserauthV1, request, { replica });
        return Buffer.from(signature, 'base64');
      },
    };
  }
}
