import { CredentialSigned } from '@sallyport/contracts';
import type { ReplyOf, RequestOf, SignUserauthV1 } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { AuditPublisher } from '@sallyport/messaging';
import { fingerprint } from '@sallyport/ssh-keys';
import { checkUserauth } from './check-userauth.js';
import type { LeaseRequests } from './lease-requests.js';
import { describeUse } from './release-version.js';

/**
 * Signs a logon at the target with the key of the secret. The signature is on record before it is handed over.
 * @throws DomainError `signature.refused`, `credential.not-prepared`, `credential.exhausted`, `audit.unavailable`
 */
export class SignUserauth {
  constructor(
    private readonly requests: LeaseRequests,
    private readonly audit: AuditPublisher,
  ) {}

  run({ grantId, userauthRequest }: RequestOf<typeof SignUserauthV1>): Promise<ReplyOf<typeof SignUserauthV1>> {
    return this.requests.run('sign', grantId, async (lease) => {
      const { credential } = lease.version;
      if (credential.kind !== 'ssh-key')
        throw new DomainError('signature.refused', 'the secret of this grant is no key');
      const { key } = credential;
      const { userName } = lease.grant.account;
      const bytes = Buffer.from(userauthRequest, 'base64');
      const algorithm = checkUserauth(bytes, { userName, key, sessionId: lease.target.sessionId });
      const signature = key.sign(algorithm, bytes);
      const publicKeyFingerprint = fingerprint(key.publicKeyBlob);
      await this.audit.publish(CredentialSigned, { ...describeUse(lease), algorithm, publicKeyFingerprint });
      lease.demandAlive();
      return { signature: signature.toString('base64') };
    });
  }
}
