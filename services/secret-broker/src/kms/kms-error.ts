import type { ErrorCode } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import type { KmsAction } from './kms-gateway.js';

/** What is known of a failed call, without anything that the SDK or the cloud put into words. */
export interface KmsFailure {
  /** KMS's own code such as `Forbidden.ResourceNotFound`, or the error code of the network such as `ECONNREFUSED`. */
  readonly kmsCode: string;
  /** Whether KMS answered at all. */
  readonly answered: boolean;
  /** HTTP status; 0 when unknown. */
  readonly httpStatus: number;
  /** Present when KMS gave one; Alibaba Cloud's support asks for it. */
  readonly requestId?: string;
  /** KMS's reason for not taking a parameter, after `safeDetail`. */
  readonly detail?: string;
  /** On a missing permission, the one that is missing (`AccessDeniedDetail.AuthAction`), when KMS says so. */
  readonly deniedAction?: string;
  /** The call was signed with a temporary key (STS). */
  readonly temporaryKey?: boolean;
}

/** A call to KMS failed. Carries KMS's code and request id for the record; the message is ours, save for a safe detail. */
export class KmsError extends DomainError {
  readonly kmsCode: string;
  readonly requestId: string | undefined;

  constructor(code: ErrorCode, failure: KmsFailure, retryable: boolean) {
    const detail = detailFor(code, failure);
    const meaning = meanings[failure.kmsCode] ?? messages[code] ?? 'KMS refused the request';
    super(code, `${meaning} (${failure.kmsCode}${detail})`, {
      retryable,
      cloud: failure.answered
        ? { code: failure.kmsCode, ...(failure.requestId && { requestId: failure.requestId }) }
        : undefined,
    });
    this.kmsCode = failure.kmsCode;
    this.requestId = failure.requestId;
  }
}

/** What to change: KMS's reason for a request that it does not take, or the permission that is missing. */
function detailFor(code: ErrorCode, { detail, deniedAction }: KmsFailure): string {
  if (code === 'secret.rejected' && detail !== undefined) return `: ${detail}`;
  const denied = code === 'kms.denied' || code === 'kms.key-denied';
  return denied && deniedAction !== undefined ? `: ${deniedAction} is missing` : '';
}

/** Where KMS's code says more than ours. */
const meanings: Readonly<Record<string, string>> = {
  'Forbidden.KeyNotFound': 'the encryption key does not exist in KMS in this region',
  'Forbidden.AliasNotFound': 'the alias of the encryption key does not exist in KMS in this region',
};

const messages: Partial<Record<ErrorCode, string>> = {
  'secret.not-found': 'the secret does not exist in KMS',
  'secret.deleted': 'the secret is scheduled for deletion; an administrator can restore it',
  'secret.not-deleted': 'the secret is not scheduled for deletion',
  'secret.exists': 'a secret of this name exists, or is still in its deletion window',
  'secret.rotating': 'the secret is being rotated; try again later',
  'secret.rejected': 'KMS does not take the request as it is',
  'kms.unreachable': 'KMS cannot be reached',
  'kms.unresolved': 'the name of KMS does not resolve',
  'kms.timeout': 'KMS did not answer in time; try again',
  'kms.throttled': 'KMS is busy; try again',
  'kms.denied': 'KMS denies Sallyport this operation',
  'kms.key-denied': 'KMS denies Sallyport the use of the key that the secret is encrypted with',
  'kms.key-unavailable': 'the encryption key of the secret cannot be used, or its KMS instance has expired',
  'kms.clock-skew': 'the clock of this machine is more than 15 minutes off',
  'kms.credentials-rejected': 'KMS does not accept the credentials of Sallyport',
  'kms.credentials-expired': 'the temporary credentials of Sallyport have expired',
  'kms.failed': 'KMS failed to answer',
};

/** Stands for KMS's code when a call was never made, since others were before it. */
export const noTurn = 'NoTurn';

/** What one may do with a key, as AccessDeniedDetail names it; anything else there is on the secret. */
const keyActions: readonly (string | undefined)[] = ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:Encrypt'];

/** Codes of KMS and of the gateway before it (reference, section 2.15). Product pages differ in the status, so the code decides. */
const codes: Readonly<Record<string, ErrorCode>> = {
  'Forbidden.ResourceNotFound': 'secret.not-found',
  'Rejected.ResourceInDeleteWindow': 'secret.deleted',
  'Rejected.ResourceExist': 'secret.exists',

  'Forbidden.KeyNotFound': 'kms.key-unavailable',
  'Forbidden.KeyVersionNotFound': 'kms.key-unavailable',
  'Forbidden.AliasNotFound': 'kms.key-unavailable',
  'Rejected.Disabled': 'kms.key-unavailable',
  'Rejected.PendingDeletion': 'kms.key-unavailable',
  'Rejected.PendingImport': 'kms.key-unavailable',
  'Rejected.Unavailable': 'kms.key-unavailable',

  'Forbidden.NoPermission': 'kms.denied',
  'Forbidden.KmsServiceNotEnabled': 'kms.denied',
  'Forbidden.ProhibitedByRiskControl': 'kms.denied',
  'Forbidden.InDebt': 'kms.denied',
  'Forbidden.InDebtOverdue': 'kms.denied',
  'Forbidden.KeyPolicyUnSupported': 'kms.denied',

  'Forbidden.AccessKey': 'kms.credentials-rejected',
  'InvalidAccessKeyId.NotFound': 'kms.credentials-rejected',
  'InvalidAccessKeyId.Inactive': 'kms.credentials-rejected',
  'InvalidSecurityToken.Expired': 'kms.credentials-expired',
  'InvalidSecurityToken.Malformed': 'kms.credentials-rejected',
  'InvalidSecurityToken.MismatchWithAccessKey': 'kms.credentials-rejected',
  SignatureDoesNotMatch: 'kms.credentials-rejected',
  IncompleteSignature: 'kms.credentials-rejected',
  /** Ours: there is no key to sign with. */
  NoAccessKey: 'kms.credentials-rejected',

  'InvalidTimeStamp.Expired': 'kms.clock-skew',
  'InvalidTimeStamp.Format': 'kms.clock-skew',
  IllegalTimestamp: 'kms.clock-skew',

  'Rejected.Throttling': 'kms.throttled',
  /** Ours: the call waited for its turn until its time was over. */
  [noTurn]: 'kms.throttled',

  ENOTFOUND: 'kms.unresolved',
  EAI_AGAIN: 'kms.unresolved',
  EAI_FAIL: 'kms.unresolved',
  ETIMEDOUT: 'kms.timeout',

  InvalidParameter: 'secret.rejected',
  MissingParameter: 'secret.rejected',
  ParseRequestParameterException: 'secret.rejected',
  UnsupportedOperation: 'secret.rejected',
  'Rejected.LimitExceeded': 'secret.rejected',
};

/** What KMS answers while a secret rotates is on no page of it; both of these are taken so. */
const rotating = {
  'Rejected.ResourceInUse': 'secret.rotating',
  'Rejected.StateModifiedFailed': 'secret.rotating',
} as const;

/** Where one code means something else. */
const codesByAction: Partial<Record<KmsAction, Readonly<Record<string, ErrorCode>>>> = {
  CreateSecret: {
    'Rejected.ResourceInDeleteWindow': 'secret.exists',
    // Not the secret, which is only about to be.
    'Forbidden.ResourceNotFound': 'secret.rejected',
  },
  RestoreSecret: { 'Rejected.ResourceInUse': 'secret.not-deleted' },
  RotateSecret: rotating,
  UpdateSecretRotationPolicy: rotating,
  UpdateSecret: rotating,
  TagResource: rotating,
  UntagResource: rotating,
  DeleteSecret: rotating,
  // Only secrets in a KMS instance have a policy.
  GetSecretPolicy: { 'Forbidden.KeyPolicyUnSupported': 'secret.rejected' },
  SetSecretPolicy: { ...rotating, 'Forbidden.KeyPolicyUnSupported': 'secret.rejected' },
};

/** What a code means, where neither KMS's message nor ours says it. */
const detailsByAction: Partial<Record<KmsAction, Readonly<Record<string, string>>>> = {
  CreateSecret: {
    'Forbidden.ResourceNotFound': 'what it names does not exist, such as its KMS instance or its ECS instance',
  },
};

const reads: readonly KmsAction[] = [
  'GetSecretValue',
  'DescribeSecret',
  'ListSecrets',
  'ListSecretVersionIds',
  'ListKmsInstances',
  'ListKeys',
  'DescribeRegions',
  'GetRandomPassword',
];

/** Codes after which the same call may succeed (reference, section 6.3). Names of the network's errors are those of Node. */
const repeatable = new Set([
  'Rejected.Throttling',
  'InternalFailure',
  'ServiceUnavailable',
  'ServiceUnavailableTemporary',
  'SerivceUnavailableTemporary',
  'SignatureNonceUsed',
  'ETIMEDOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'EAI_AGAIN',
  'MalformedAnswer',
  noTurn,
]);
const repeatableStatus = new Set([429, 500, 502, 503, 504]);

/** Our error for a failed call: what it means and whether to try again. */
export function toKmsError(action: KmsAction, failure: KmsFailure): KmsError {
  const detail = failure.detail ?? detailsByAction[action]?.[failure.kmsCode];
  const explained = detail === undefined ? failure : { ...failure, detail };
  return new KmsError(meaningOf(action, failure), explained, isRepeatable(failure));
}

function meaningOf(action: KmsAction, failure: KmsFailure): ErrorCode {
  const { kmsCode, answered, deniedAction, temporaryKey } = failure;
  if (kmsCode.includes('Throttling')) return 'kms.throttled';
  if (kmsCode === 'Forbidden.NoPermission' && keyActions.includes(deniedAction)) return 'kms.key-denied';
  // So an expired temporary key shows (reference, section 6.2).
  if (kmsCode === 'InvalidAccessKeyId.NotFound' && temporaryKey) return 'kms.credentials-expired';
  const code = codesByAction[action]?.[kmsCode] ?? codes[kmsCode] ?? (answered ? 'kms.failed' : 'kms.unreachable');
  return code === 'secret.rejected' && reads.includes(action) ? 'kms.failed' : code;
}

function isRepeatable({ kmsCode, httpStatus }: KmsFailure): boolean {
  return repeatable.has(kmsCode) || kmsCode.includes('Throttling') || repeatableStatus.has(httpStatus);
}
