import { setTimeout } from 'node:timers/promises';
import {
  OpenCredentialV1,
  PrepareCredentialV1,
  RefreshCredentialV1,
  ReleaseCredentialV1,
  SignUserauthV1,
} from '@sallyport/contracts';
import type { GrantClaims, ReplyOf } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { seal } from '@sallyport/sealing';
import { fingerprint, parseUserauthRequest, PrivateKey, SshReader, verifySignature } from '@sallyport/ssh-keys';
import type { Answer } from './fake-asset.js';
import type { TestKeys } from './keys.js';

type Released = ReplyOf<typeof OpenCredentialV1>;

/** Small stand-in for `secret-broker`: gives out `values`, the first at `open`, each further one at a `refresh`. */
export class FakeBroker {
  /** Passwords, or private keys in PEM. */
  values: string[] = [];
  /** Thrown by `prepare`, as KMS trouble would be. */
  trouble: DomainError | undefined;
  /** How long `prepare` takes, as with a slow KMS. */
  prepareMs = 0;
  /** The replica that holds the credential is gone after `open`. */
  gone = false;
  readonly asked: string[] = [];
  readonly #leases = new Map<string, { grant: GrantClaims; fingerprint: string; given: number }>();

  constructor(private readonly keys: TestKeys) {}

  answer(on: Answer): void {
    on(PrepareCredentialV1, async ({ grant: token }) => {
      this.asked.push('prepare');
      if (this.prepareMs > 0) await setTimeout(this.prepareMs);
      if (this.trouble) throw this.trouble;
      const grant = await this.keys.verifier.grant(token);
      this.#leases.set(grant.grantId, { grant, fingerprint: '', given: 0 });
      return { replica: 'broker-1', kind: grant.account.kind, versionId: 'v1' };
    });
    on(OpenCredentialV1, ({ grantId, hostKey, targetSessionId, hostKeySignature }) => {
      this.asked.push('open');
      const lease = this.#lease(grantId);
      demandProof(hostKey, targetSessionId, hostKeySignature);
      lease.fingerprint = fingerprint(Buffer.from(hostKey, 'base64'));
      return this.#release(grantId);
    });
    on(RefreshCredentialV1, ({ grantId }) => {
      this.asked.push('refresh');
      return this.#release(grantId);
    });
    on(SignUserauthV1, ({ grantId, userauthRequest }) => {
      this.asked.push('sign');
      if (this.gone)
        throw new DomainError('service.unavailable', 'secret-broker cannot be reached, try again', { retryable: true });
      const { given } = this.#lease(grantId);
      const bytes = Buffer.from(userauthRequest, 'base64');
      const { algorithm } = parseUserauthRequest(bytes);
      const key = PrivateKey.parse(this.values[given - 1] ?? '');
      return { signature: key.sign(algorithm, bytes).toString('base64') };
    });
    on(ReleaseCredentialV1, ({ grantId }) => {
      this.asked.push('release');
      this.#leases.delete(grantId);
      return {};
    });
  }

  async #release(grantId: string): Promise<Released> {
    const lease = this.#lease(grantId);
    const value = this.values[lease.given];
    if (value === undefined) {
      throw new DomainError('target.refused-credential', 'the host refuses the credential that KMS has for it');
    }
    lease.given += 1;
    const versionId = `v${lease.given}`;
    if (lease.grant.account.kind === 'password') {
      const password = await seal(lease.grant.sealTo, Buffer.from(value), `${grantId} ${lease.fingerprint}`);
      return { kind: 'password', versionId, password };
    }
    const { publicKeyBlob, algorithms } = PrivateKey.parse(value);
    return { kind: 'ssh-key', versionId, publicKey: publicKeyBlob.toString('base64'), algorithms: [...algorithms] };
  }

  #lease(grantId: string): { grant: GrantClaims; fingerprint: string; given: number } {
    const lease = this.#leases.get(grantId);
    if (!lease) throw new DomainError('credential.not-prepared', 'nothing is prepared for this grant');
    return lease;
  }
}

/** As the real broker does: the host key has signed this connection's exchange hash. */
function demandProof(hostKey: string, exchangeHash: string, signature: string): void {
  const [publicKeyBlob, data, signatureBlob] = [hostKey, exchangeHash, signature].map((text) =>
    Buffer.from(text, 'base64'),
  ) as [Buffer, Buffer, Buffer];
  const algorithm = new SshReader(signatureBlob).text();
  if (verifySignature({ publicKeyBlob, algorithm, data, signatureBlob })) return;
  throw new DomainError('host-key.unverified', 'the host key did not sign this exchange');
}
