import { z } from 'zod';
import { errorCodes } from '../errors.js';

/** RFC 9457: what every answer that is not a good one looks like, as `application/problem+json`. */
export const Problem = z.object({
  /** Always `about:blank`: `code` tells problems apart. */
  type: z.literal('about:blank'),
  /** The HTTP status in words. */
  title: z.string(),
  status: z.int().min(400).max(599),
  /** For people; may change. */
  detail: z.string(),
  /** For programs; never changes. */
  code: z.enum(errorCodes),
  /** To find the request in logs and traces. */
  traceId: z.string(),
  /** When Alibaba Cloud refused: its own code, and the request id that its support asks for. */
  cloud: z.object({ code: z.string(), requestId: z.string().optional() }).optional(),
  /** With `request.invalid`: what is wrong where, without the value itself. */
  errors: z
    .array(
      z.object({
        in: z.enum(['path', 'query', 'body']),
        /** JSON pointer (RFC 6901), `#/tags/0/key`. */
        pointer: z.string(),
        detail: z.string(),
      }),
    )
    .optional(),
});
export type Problem = z.infer<typeof Problem>;
