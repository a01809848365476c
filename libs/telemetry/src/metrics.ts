import { metrics, type Counter, type Histogram } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import type { IncomingMessage, ServerResponse } from 'node:http';

export type { Counter, Histogram };

/** Starts metrics for this process; the answer to `/metrics` in Prometheus' text form comes from what is returned. */
export function startMetrics(service: string): (request: IncomingMessage, response: ServerResponse) => void {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  metrics.setGlobalMeterProvider(
    new MeterProvider({
      resource: resourceFromAttributes({ [ATTR_SERVICE_NAME]: `sallyport-${service}` }),
      readers: [exporter],
    }),
  );
  return (request, response) => {
    exporter.getMetricsRequestHandler(request, response);
  };
}

/** Names are OpenTelemetry's, `sallyport.<noun>.<what>`. Labels carry no user name, address, host or command. */
export function counter(name: string, description: string): Counter {
  const made = atFirstUse(() => metrics.getMeter('sallyport').createCounter(name, { description }));
  return {
    add: (...args) => {
      made().add(...args);
    },
  };
}

/**
 * @param unit `ms`, `By`, or `1` for what is counted
 * @param boundaries upper ends of the buckets; OpenTelemetry's, which suit milliseconds, unless told
 */
export function histogram(
  name: string,
  description: string,
  unit: 'ms' | 'By' | '1',
  boundaries?: readonly number[],
): Histogram {
  const advice = boundaries && { advice: { explicitBucketBoundaries: [...boundaries] } };
  const made = atFirstUse(() => metrics.getMeter('sallyport').createHistogram(name, { description, unit, ...advice }));
  return {
    record: (...args) => {
      made().record(...args);
    },
  };
}

/** OpenTelemetry gives what is made before `startMetrics`, such as beside an import, to nobody, for good. */
function atFirstUse<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/**
 * A value that is read whenever somebody asks for the metrics.
 * @param unit `ms`, `By`, or `1` for what is counted
 */
export function gauge(name: string, description: string, unit: 'ms' | 'By' | '1', read: () => number): void {
  metrics
    .getMeter('sallyport')
    .createObservableGauge(name, { description, unit })
    .addCallback((result) => {
      result.observe(read());
    });
}
