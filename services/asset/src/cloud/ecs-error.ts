import { DomainError } from '@sallyport/errors';
import { DeadlineError } from './retry.js';

/** What the SDK's errors have; the message is left out, since it may hold URLs, parameters and signatures. */
interface SdkError {
  code?: unknown;
  name?: unknown;
  statusCode?: unknown;
  requestId?: unknown;
  data?: { RequestId?: unknown };
}

const NETWORK = /^(E[A-Z]+|EAI_AGAIN|RequestTimeoutError|TimeoutError|.*Timeout.*)$/;
const field = (value: unknown): string => (typeof value === 'string' && /^[\w.-]{1,64}$/.test(value) ? value : '');
const codeOf = ({ code, name }: SdkError): string => field(code) || field(name);
const asSdkError = (error: unknown): SdkError => (typeof error === 'object' && error !== null ? error : {});

/** Worth another try: throttled, a passing failure of the server, or of the network. */
export function isRetryableEcsError(error: unknown): boolean {
  const sdkError = asSdkError(error);
  const { statusCode } = sdkError;
  const code = codeOf(sdkError);
  if (/throttling/i.test(code) || code.startsWith('ServiceUnavailable') || code === 'InternalError') return true;
  if (typeof statusCode === 'number') return statusCode === 429 || statusCode >= 500;
  return NETWORK.test(code);
}

/** How ECS says that a call with `DryRun` would have been permitted; its pages and KMS's differ by the last word. */
export function wouldHaveSucceeded(error: unknown): boolean {
  return /^DryRunOperation(Error)?$/.test(codeOf(asSdkError(error)));
}

/** Code and request id of the cloud, for the administrator to look up; nothing of the message. */
export function ecsFailed(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  const retryable = error instanceof DeadlineError || isRetryableEcsError(error);
  const sdkError = asSdkError(error);
  const code = codeOf(sdkError);
  if (error instanceof DeadlineError || (sdkError.statusCode === undefined && NETWORK.test(code)))
    return new DomainError('ecs.failed', 'ECS cannot be reached in time', { retryable: true });
  if (/NextToken/.test(code)) return new DomainError('request.invalid', 'the cursor is not valid');
  const requestId = field(sdkError.requestId) || field(sdkError.data?.RequestId);
  const detail = [code || 'unknown error', requestId && `request ${requestId}`].filter(Boolean).join(', ');
  return new DomainError('ecs.failed', `ECS refused: ${detail}`, { retryable });
}
