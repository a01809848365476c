import { pino, type Logger } from 'pino';
import { currentTraceId } from './tracing.js';

export type { Logger };

/**
 * JSON lines on standard output, each with the trace id. Log an error as `{ err }`: its stack and causes are kept, and the
 * fields that might hold a secret are cut. What KMS' SDK says is redacted by the adapter before it gets here.
 */
export function logger(service: string, level = 'info'): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        'password',
        'token',
        'secret',
        'privateKey',
        '*.password',
        '*.token',
        '*.secret',
        '*.privateKey',
        'err.config',
        'err.data',
      ],
      censor: '[secret]',
    },
    mixin: () => {
      const traceId = currentTraceId();
      return /^0+$/.test(traceId) ? {} : { traceId };
    },
  });
}
