import { ApiError } from './api-error.js';
import type { ApiErrorCode } from './api-error.js';
import type { Situation } from './situation.js';

/** What a refusal is called when the call was only to be tried (reference 2.3); other refusals stay what they are. */
const told: Partial<Record<ApiErrorCode, { code: ApiErrorCode; situation: Situation }>> = {
  'Forbidden.NoPermission': { code: 'AccessDeniedError', situation: 'dry-run-denied' },
  InvalidParameter: { code: 'ValidationError', situation: 'dry-run-invalid' },
  MissingParameter: { code: 'ValidationError', situation: 'dry-run-invalid' },
  'Forbidden.ResourceNotFound': { code: 'Forbidden.ResourceNotFound', situation: 'dry-run-not-found' },
};

/** @param refused what stands in the way of the call, or undefined when it would have worked */
export function dryRunError(refused?: unknown): unknown {
  if (refused === undefined) {
    return new ApiError('DryRunOperationError', 'The request would have succeeded.', {
      situation: 'dry-run-would-work',
    });
  }
  const as = refused instanceof ApiError ? told[refused.code] : undefined;
  if (!(refused instanceof ApiError) || !as) return refused;
  return new ApiError(as.code, refused.message, { detail: refused.detail, situation: as.situation });
}
