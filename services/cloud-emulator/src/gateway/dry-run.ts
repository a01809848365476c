import { ApiError } from './api-error.js';
import type { ApiErrorCode } from './api-error.js';

/** What a refusal is called when the call was only to be tried (reference 2.3); other refusals keep their code. */
const codes: Partial<Record<ApiErrorCode, ApiErrorCode>> = {
  'Forbidden.NoPermission': 'AccessDeniedError',
  InvalidParameter: 'ValidationError',
  MissingParameter: 'ValidationError',
};

/** @param refused what stands in the way of the call, or undefined when it would have worked */
export function dryRunError(refused?: unknown): unknown {
  if (refused === undefined) return new ApiError('DryRunOperationError', 'The request would have succeeded.');
  const code = refused instanceof ApiError ? codes[refused.code] : undefined;
  if (!(refused instanceof ApiError) || !code) return refused;
  return new ApiError(code, refused.message, { ...(refused.detail && { detail: refused.detail }) });
}
