import type { Refusal, Situation } from './situation.js';

/**
 * The codes that the emulator answers with, and their HTTP status.
 * Source: reference section 2.15. Codes of the gateway first, then those of KMS, then those of ECS and STS.
 */
export const statusOfCode = {
  SignatureDoesNotMatch: 400,
  SignatureNonceUsed: 400,
  IncompleteSignature: 400,
  MissingSignature: 400,
  MissingSignatureNonce: 400,
  MissingTimestamp: 400,
  MissingAccessKeyId: 400,
  MissingAction: 400,
  MissingVersion: 400,
  'InvalidTimeStamp.Expired': 400,
  'InvalidTimeStamp.Format': 400,
  'InvalidAccessKeyId.NotFound': 404,
  'InvalidAccessKeyId.Inactive': 400,
  'InvalidSecurityToken.Malformed': 400,
  'InvalidSecurityToken.MismatchWithAccessKey': 400,
  'InvalidApi.NotFound': 404,
  InvalidVersion: 400,
  'Throttling.User': 429,
  ServiceUnavailable: 503,
  UnsupportedHTTPMethod: 403,

  MissingParameter: 400,
  InvalidParameter: 400,
  UnsupportedOperation: 400,
  DryRunOperationError: 400,
  ValidationError: 400,
  AccessDeniedError: 403,
  'Rejected.LimitExceeded': 400,
  'Forbidden.NoPermission': 403,
  'Forbidden.ResourceNotFound': 404,
  'Forbidden.KeyNotFound': 404,
  'Forbidden.AliasNotFound': 404,
  AliasAlreadyExists: 400,
  'Rejected.ResourceExist': 409,
  'Rejected.ResourceInDeleteWindow': 409,
  'Rejected.ResourceInUse': 409,
  'Rejected.Disabled': 409,
  'Rejected.PendingDeletion': 409,
  'Rejected.Unavailable': 409,
  'Rejected.StateModifiedFailed': 409,
  'Rejected.Throttling': 429,
  InternalFailure: 500,
  ServiceUnavailableTemporary: 503,

  'Forbidden.RAM': 403,
  NoPermission: 403,
  'EntityNotExist.Role': 404,
} as const satisfies Record<string, number>;

export type ApiErrorCode = keyof typeof statusOfCode;

interface ApiErrorOptions extends ErrorOptions {
  readonly detail?: Readonly<Record<string, string>> | undefined;
  readonly situation?: Situation;
}

/** A refusal that the caller of the API sees. The message names the rule, never a value. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** `AccessDeniedDetail` of the answer. */
  readonly detail: Readonly<Record<string, string>> | undefined;
  /** When its code is unverified. */
  readonly situation: Situation | undefined;

  constructor(
    readonly code: ApiErrorCode,
    message: string,
    options?: ApiErrorOptions,
  ) {
    super(message, options);
    this.detail = options?.detail;
    this.situation = options?.situation;
  }

  get status(): number {
    return statusOfCode[this.code];
  }
}

/** A parameter of an operation is absent: KMS has one code for that, the gateway one for each parameter. */
export function missingParameter(name: string): ApiError {
  return new ApiError('MissingParameter', `The parameter ${name} is mandatory for this action.`, {
    situation: 'missing-parameter',
  });
}

/** The code and status of an error as the rules want them told. */
export function toldAs(
  { code, status, situation }: ApiError,
  refusals: Readonly<Partial<Record<Situation, Refusal>>>,
): Refusal {
  return (situation && refusals[situation]) ?? { code, status };
}
