import {
  context,
  ROOT_CONTEXT,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';

export { context, ROOT_CONTEXT, SpanKind, trace, type Attributes, type Context, type Span };

const tracer = trace.getTracer('sallyport');

/**
 * Starts tracing for this process: W3C trace context, spans by OTLP over HTTP when an endpoint is given. Trace ids exist
 * either way, since refusal lines and audit events carry them.
 * @param otlpEndpoint such as `http://127.0.0.1:4318`
 * @returns sends what is buffered and stops
 */
export function startTracing(options: { service: string; otlpEndpoint?: string | undefined }): () => Promise<void> {
  const processors = options.otlpEndpoint
    ? [
        new BatchSpanProcessor(new OTLPTraceExporter({ url: `${options.otlpEndpoint.replace(/\/$/, '')}/v1/traces` }), {
          scheduledDelayMillis: 500,
        }),
      ]
    : [];
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ [ATTR_SERVICE_NAME]: `sallyport-${options.service}` }),
    spanProcessors: processors,
  });
  provider.register({ propagator: new W3CTraceContextPropagator() });
  return () => provider.shutdown();
}

/**
 * Runs `work` in a span of its own. The span gets the error's code, never its message: messages may hold what traces must
 * not.
 */
export async function withSpan<T>(
  name: string,
  work: (span: Span) => Promise<T>,
  options: { kind?: SpanKind; attributes?: Attributes; parent?: Context } = {},
): Promise<T> {
  const spanOptions = { kind: options.kind ?? SpanKind.INTERNAL, attributes: options.attributes ?? {} };
  return tracer.startActiveSpan(name, spanOptions, options.parent ?? context.active(), async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute('error.type', errorType(error));
      throw error;
    } finally {
      span.end();
    }
  });
}

/** A span that outlives the function that starts it, such as a client's connection. End it. */
export function startSpan(
  name: string,
  options: { kind?: SpanKind; attributes?: Attributes; parent?: Context; startTime?: Date } = {},
): { span: Span; context: Context } {
  const parent = options.parent ?? context.active();
  const span = tracer.startSpan(
    name,
    {
      kind: options.kind ?? SpanKind.INTERNAL,
      attributes: options.attributes ?? {},
      ...(options.startTime && { startTime: options.startTime }),
    },
    parent,
  );
  return { span, context: trace.setSpan(parent, span) };
}

/** Hex trace id of the active span; text of zeros outside of any. It is the correlation id that users are shown. */
export function currentTraceId(of: Context = context.active()): string {
  return trace.getSpan(of)?.spanContext().traceId ?? '0'.repeat(32);
}

/** `traceparent` (W3C Trace Context) of the active span, for a message's headers. */
export function currentTraceparent(of: Context = context.active()): string | undefined {
  const carrier: Record<string, string> = {};
  propagation.inject(of, carrier);
  return carrier['traceparent'];
}

/** The context that a message's `traceparent` names; the active one when there is none. */
export function contextFrom(traceparent: string | undefined): Context {
  return traceparent ? propagation.extract(context.active(), { traceparent }) : context.active();
}

function errorType(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string')
    return error.code;
  return error instanceof Error ? error.name : 'unknown';
}
