import { DomainError } from '@sallyport/errors';

const LIMIT = 400;

/**
 * The one line that a user sees when something is refused: what, the code that docs/errors.md explains, and the trace id that
 * leads whoever runs the bastion to the trace and the audit events. What nobody foresaw shows nothing but the id.
 */
export function refusalLine(error: unknown, traceId: string): string {
  const { code, message } =
    error instanceof DomainError ? error : new DomainError('internal', 'something went wrong in the bastion');
  const sentence = message.replace(/\p{Cc}+/gu, ' ').slice(0, LIMIT);
  return `sallyport: ${sentence} [${code}, id ${traceId}]`;
}

/** The code of an error for records; `internal` for what is no DomainError. */
export function errorCode(error: unknown): string {
  return error instanceof DomainError ? error.code : 'internal';
}
