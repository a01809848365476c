import { errorCodes, type ErrorCode } from '@sallyport/contracts';

/** What Alibaba Cloud itself called a refusal, and the request id that its support asks for. */
export interface CloudRefusal {
  readonly code: string;
  readonly requestId?: string;
}

/** The one error that rules throw and processes exchange. Its message may be shown to a user: no secret, no address of a database. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: ErrorCode;
  /** Whether the same request may succeed when it is sent again, unchanged. */
  readonly retryable: boolean;
  /** Present when Alibaba Cloud refused. */
  readonly cloud: CloudRefusal | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { retryable?: boolean; cause?: unknown; cloud?: CloudRefusal | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.cloud = options.cloud;
  }
}

/** How an error travels in a reply. */
export interface WireError {
  code: ErrorCode;
  message: string;
  retryable: boolean;
  cloud?: CloudRefusal;
}

/** Anything that is not a DomainError becomes `internal` and says nothing of itself: the log has the detail. */
export function toWire(error: unknown): WireError {
  if (error instanceof DomainError) {
    const { code, message, retryable, cloud } = error;
    return { code, message, retryable, ...(cloud && { cloud }) };
  }
  return { code: 'internal', message: 'internal error', retryable: false };
}

/** The error of a reply, or `internal` when the other side sent something else. */
export function fromWire(value: unknown): DomainError {
  if (typeof value === 'object' && value !== null && 'code' in value && 'message' in value) {
    const code = errorCodes.find((known) => known === value.code);
    if (code && typeof value.message === 'string')
      return new DomainError(code, value.message, {
        retryable: 'retryable' in value && value.retryable === true,
        cloud: 'cloud' in value ? cloudFromWire(value.cloud) : undefined,
      });
  }
  return new DomainError('internal', 'the other service answered with an error that has no code');
}

function cloudFromWire(value: unknown): CloudRefusal | undefined {
  const { code, requestId } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (typeof code !== 'string') return undefined;
  return { code, ...(typeof requestId === 'string' && { requestId }) };
}
