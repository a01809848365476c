import { STATUS_CODES } from 'node:http';
import type { Problem } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';
import { HttpError, InvalidRequest } from './request-error.js';
import { statusOf } from './status-of.js';

/** RFC 9457 for any error. What is no DomainError says nothing of itself: the log has the detail under the trace id. */
export function problemOf(error: unknown, traceId: string): Problem {
  const known = asDomainError(error);
  const status = known instanceof HttpError ? known.status : statusOf[known.code];
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: known.message,
    code: known.code,
    traceId,
    ...(known.cloud && { cloud: known.cloud }),
    ...(known instanceof InvalidRequest ? { errors: [...known.fields] } : {}),
  };
}

/** Besides the body's content type. */
export function headersOf(error: unknown): Readonly<Record<string, string>> {
  if (error instanceof HttpError) return error.headers;
  // RFC 9110 section 11.6.1: a 401 names the scheme.
  const unauthenticated = error instanceof DomainError && statusOf[error.code] === 401;
  return unauthenticated ? { 'www-authenticate': 'Bearer realm="sallyport"' } : {};
}

/** Fastify's own errors carry a code and, when the client is to blame, a status below 500. Their texts are not shown. */
function asDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  const { code, statusCode } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new DomainError('request.too-large', 'the body is larger than 256 KiB');
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new HttpError(415, 'request.invalid', 'the body must be application/json');
  if (code === 'FST_ERR_HANDLER_TIMEOUT') return new DomainError('service.unavailable', 'no answer in time');
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500)
    return new HttpError(statusCode, 'request.invalid', 'the request is malformed');
  return new DomainError('internal', 'internal error', { cause: error });
}
