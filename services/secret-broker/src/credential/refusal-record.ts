import { CredentialRefused } from '@sallyport/contracts';
import type { EventData, GrantClaims, GrantId, RequestContract } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { MalformedRequests } from '@sallyport/messaging';
import type { AuditPublisher } from '@sallyport/messaging';
import { counter } from '@sallyport/telemetry';
import { KmsError } from '../kms/kms-error.js';
import { requestOf } from './permitted-requests.js';

type Refusal = EventData<typeof CredentialRefused>;

const refused = counter('sallyport.credential.refused', 'Requests for a credential that were refused');

/** Puts on record that the broker did not do what it was asked. */
export class RefusalRecord {
  constructor(private readonly audit: AuditPublisher) {}

  /**
   * @param about the grant as far as it is believed, or no more than the id that was named
   */
  async add(operation: Refusal['operation'], about: GrantClaims | { grantId: GrantId } | undefined, error: unknown) {
    const what = describeError(error);
    refused.add(1, { operation, code: what.code });
    const refusal = { operation, ...describeGrant(about), ...what };
    // When it cannot be recorded the refusal stands all the same: nothing was done. The publisher counts and logs the loss.
    await this.audit.publish(CredentialRefused, refusal).catch(() => undefined);
  }
}

/** Requests that do not fit their contract, where they are about a credential. */
export class MalformedCredentialRequests extends MalformedRequests {
  constructor(private readonly refusals: RefusalRecord) {
    super();
  }

  override async add(contract: RequestContract, error: DomainError): Promise<void> {
    const operation = requestOf(contract);
    if (operation) await this.refusals.add(operation, undefined, error);
  }
}

function describeGrant(about: GrantClaims | { grantId: GrantId } | undefined): Partial<Refusal> {
  if (!about) return {};
  if (!('account' in about)) return { grantId: about.grantId };
  const { grantId, sessionId, userId, host, account } = about;
  const { accountId, secretName } = account;
  return { grantId, sessionId, userId, hostId: host.hostId, accountId, secretName };
}

function describeError(error: unknown): Pick<Refusal, 'code' | 'reason' | 'kmsCode' | 'kmsRequestId'> {
  if (!(error instanceof DomainError)) return { code: 'internal', reason: 'internal error' };
  const { code, message } = error;
  const kms = error instanceof KmsError ? error : undefined;
  return {
    code,
    reason: `${message}${verifierCode(error.cause)}`,
    ...(kms && { kmsCode: kms.kmsCode }),
    ...(kms?.requestId && { kmsRequestId: kms.requestId }),
  };
}

/** The fixed code of the token library, such as `ERR_JWS_SIGNATURE_VERIFICATION_FAILED`; its message may quote the token. */
function verifierCode(cause: unknown): string {
  if (!(cause instanceof Error) || !('code' in cause) || typeof cause.code !== 'string') return '';
  return /^ERR_J[A-Z_]+$/.test(cause.code) ? ` (${cause.code})` : '';
}
