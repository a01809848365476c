import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { DomainError, toWire } from '@sallyport/errors';
import type { Logger } from '@sallyport/telemetry';
import { throwError, type Observable } from 'rxjs';

/** What leaves a handler by exception: our errors as they are, anything else as `internal`, with the detail in the log. */
@Catch()
export class ErrorFilter implements RpcExceptionFilter {
  constructor(private readonly log: Logger) {}

  catch(error: unknown): Observable<never> {
    if (!(error instanceof DomainError) || error.code === 'internal')
      this.log.error({ err: error }, 'a handler failed unexpectedly');
    else this.log.debug({ code: error.code }, 'a request was refused');
    return throwError(() => toWire(error));
  }
}
