import { SpanKind, context, currentTraceId, startSpan, type Context, type Span } from '@sallyport/telemetry';
import type { FastifyRequest } from 'fastify';

const spans = new WeakMap<FastifyRequest, { span: Span; context: Context }>();

/**
 * The one server span of a request, started by the first who asks. A `traceparent` from outside is not followed: a
 * stranger must not write into our traces.
 */
function spanOf(request: FastifyRequest): { span: Span; context: Context } {
  const known = spans.get(request);
  if (known) return known;
  const route = routeOf(request);
  const started = startSpan(`${request.method} ${route}`, {
    kind: SpanKind.SERVER,
    attributes: { 'http.request.method': request.method, 'http.route': route },
  });
  spans.set(request, started);
  return started;
}

/** The template, never the path itself: paths carry names of secrets. */
export function routeOf(request: FastifyRequest): string {
  return request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown');
}

/** Runs `work` inside of the request's span. Fastify's hooks lose the context at the body, so each step asks for it anew. */
export function inSpanOf<T>(request: FastifyRequest, work: () => T): T {
  return context.with(spanOf(request).context, work);
}

export function traceIdOf(request: FastifyRequest): string {
  return currentTraceId(spanOf(request).context);
}

export function endSpanOf(request: FastifyRequest, status: number): void {
  const { span } = spanOf(request);
  span.setAttribute('http.response.status_code', status);
  span.end();
}
