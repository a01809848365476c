import { createRequire } from 'node:module';
import type CredentialsSdk from '@alicloud/credentials';
import type { Secret } from '@sallyport/secret';

// CommonJS with a default export, which Node and Vitest show differently when it is imported.
const credentials = createRequire(import.meta.url)('@alicloud/credentials') as typeof CredentialsSdk;

/** An access key as it is at one moment. All parts belong together. */
export interface AccessKey {
  readonly id: string;
  readonly secret: string;
  /** With a temporary key (STS). */
  readonly securityToken?: string;
}

/** Where the broker's own access key to KMS comes from. */
export interface AccessKeySource {
  current(): Promise<AccessKey>;
  /** KMS refused the key: forget what is kept of it. False when there is no other to be had. */
  renew(): boolean;
}

export class StaticKey implements AccessKeySource {
  constructor(
    private readonly id: string,
    private readonly secret: Secret<string>,
    private readonly securityToken?: Secret<string>,
  ) {}

  current(): Promise<AccessKey> {
    const token = this.securityToken && { securityToken: this.securityToken.expose() };
    return Promise.resolve({ id: this.id, secret: this.secret.expose(), ...token });
  }

  renew(): boolean {
    return false;
  }
}

/**
 * The SDK's default chain: environment, OIDC, CLI profile, credentials file, ECS RAM role, credentials URI.
 * The chain notes which of them to use before it knows whether that one works, so that calls side by side, or one failure
 * of all, could fix a wrong one: it is asked by one caller at a time, and made anew after a failure.
 */
export class DefaultChain implements AccessKeySource {
  #chain = new credentials.default();
  #asked: Promise<AccessKey> | undefined;

  current(): Promise<AccessKey> {
    this.#asked ??= this.#ask().finally(() => (this.#asked = undefined));
    return this.#asked;
  }

  renew(): boolean {
    this.#chain = new credentials.default();
    return true;
  }

  async #ask(): Promise<AccessKey> {
    try {
      const { accessKeyId, accessKeySecret, securityToken } = await this.#chain.getCredential();
      if (!accessKeyId || !accessKeySecret) throw new Error('the default chain gave no access key');
      return { id: accessKeyId, secret: accessKeySecret, ...(securityToken && { securityToken }) };
    } catch (error) {
      this.renew();
      throw error;
    }
  }
}
