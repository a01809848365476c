import { errorCodes, type ErrorCode } from '@sallyport/contracts';

/** The one error that rules throw and processes exchange. Its message may be shown to a user: no secret, no address of a database. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: ErrorCode;
  /** Whether the same request may succeed when it is sent again, unchanged. */
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** How an error travels in a reply. */
export interface WireError {
  code: ErrorCode;
  message: string;
  retryable: boolean;
}

/** Anything that is not a DomainError becomes `internal` and says nothing of itself: the log has the detail. */
export function toWire(error: unknown): WireError {
  if (error instanceof DomainError) return { code: error.code, message: error.message, retryable: error.retryable };
  return { code: 'internal', message: 'internal error', retryable: false };
}

/** The error of a reply, or `internal` when the other side sent something else. */
export function fromWire(value: unknown): DomainError {
  if (typeof value === 'object' && value !== null && 'code' in value && 'message' in value) {
    const code = errorCodes.find((known) => known === value.code);
    if (code && typeof value.message === 'string')
      return new DomainError(code, value.message, { retryable: 'retryable' in value && value.retryable === true });
  }
  return new DomainError('internal', 'the other service answered with an error that has no code');
}
