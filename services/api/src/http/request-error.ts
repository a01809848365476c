import type { ErrorCode, Problem } from '@sallyport/contracts';
import { DomainError } from '@sallyport/errors';

export type FieldError = NonNullable<Problem['errors']>[number];

/** What HTTP itself has a number for, beside the one that the code stands for (status-of.ts). */
export class HttpError extends DomainError {
  constructor(
    readonly status: number,
    code: ErrorCode,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(code, message);
  }
}

/** A request that does not fit its route's schemas. Names each wrong field and shows the value of none. */
export class InvalidRequest extends DomainError {
  constructor(readonly fields: readonly FieldError[]) {
    super('request.invalid', fields.map((f) => `${f.in} ${f.pointer}: ${f.detail}`).join('; '));
  }
}
