import { CredentialPrepared, PrepareCredentialV1 } from '@sallyport/contracts';
import type { GrantClaims, ReplyOf } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher, OnceRegistry } from '@sallyport/messaging';
import type { TokenVerifier } from '@sallyport/tokens';
import type { Kms, SecretValue } from '../kms/kms.js';
import type { HostGuard } from './host-guard.js';
import { Lease } from './lease.js';
import type { Leases } from './leases.js';
import { secretOf, toVersion } from './read-version.js';
import type { RefusalRecord } from './refusal-record.js';
import { describeUse } from './release-version.js';
import { TimelyReads } from './timely-reads.js';

const X25519_KEY_BYTES = 32;

type Prepared = ReplyOf<typeof PrepareCredentialV1>;

/**
 * Reads the secret of a grant, so that it is at hand once the target's host key is known. Nothing is released.
 * @throws DomainError `grant.*` it does not hold, is too old, or was used; `secret.*` and `kms.*` the secret cannot be used;
 *   `target.refused-lately` the host has just refused this version
 */
export class PrepareCredential {
  constructor(
    private readonly tokens: TokenVerifier,
    private readonly usedGrants: OnceRegistry,
    private readonly kms: Kms,
    private readonly guard: HostGuard,
    private readonly leases: Leases,
    private readonly audit: AuditPublisher,
    private readonly refusals: RefusalRecord,
    private readonly replica: string,
  ) {}

  async run(token: string): Promise<Prepared> {
    let grant: GrantClaims | undefined;
    try {
      grant = await this.tokens.grant(token);
      return await this.#prepare(grant);
    } catch (error) {
      await this.refusals.add('prepare', grant, error);
      throw error;
    }
  }

  async #prepare(grant: GrantClaims): Promise<Prepared> {
    if (Buffer.from(grant.sealTo, 'base64').length !== X25519_KEY_BYTES) {
      throw new DomainError('grant.invalid', 'the grant names no X25519 key to seal to');
    }
    if (!(await this.usedGrants.claim(grant.grantId))) throw new DomainError('grant.used', 'the grant has been used');
    const reads = new TimelyReads(this.kms, PrepareCredentialV1.timeoutMs);
    const read = () => reads.read(secretOf(grant), 'ACSCurrent');
    const value = await this.guard.admit(grant, await read(), read);
    const lease = this.#hold(grant, value);
    const { kind } = lease.version.credential;
    await this.audit.publish(CredentialPrepared, { ...describeUse(lease), kind });
    return { replica: this.replica, kind, versionId: value.versionId };
  }

  #hold(grant: GrantClaims, value: SecretValue): Lease {
    try {
      const lease = new Lease(grant, toVersion(grant, value, 'ACSCurrent'));
      this.leases.add(lease);
      return lease;
    } catch (error) {
      this.guard.abandoned(grant);
      throw error;
    }
  }
}
