import { ApiError } from '../gateway/api-error.js';

/** Below 10 counts as 10, above 100 as 100 (reference section 7). */
export function clampMaxResults(maxResults: number): number {
  return Math.min(100, Math.max(10, maxResults));
}

/** A token that stands for a place in the list; callers must not look into it. */
export function encodeNextToken(start: number): string {
  return Buffer.from(`next:${start}`).toString('base64url');
}

/** @throws ApiError `InvalidParameter` for a token that this emulator did not make */
export function decodeNextToken(token: string | undefined): number {
  if (token === undefined) return 0;
  const [, start] = /^next:(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString('latin1')) ?? [];
  if (start === undefined) throw new ApiError('InvalidParameter', 'The specified parameter NextToken is not valid.');
  return Number(start);
}
