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
export const counter = (name: string, description: string): Counter =>
  metrics.getMeter('sallyport').createCounter(name, { description });

/**
 * @param unit `ms`, `By`, or `1` for what is counted
 * @param boundaries upper ends of the buckets; OpenTelemetry's, which suit milliseconds, unless told
 */
export const histogram = (
  name: string,
  description: string,
  unit: 'ms' | 'By' | '1',
  boundaries?: readonly number[],
): Histogram =>
  metrics.getMeter('sallyport').createHistogram(name, {
    description,
    unit,
    ...(boundaries && { advice: { explicitBucketBoundaries: [...boundaries] } }),
  });
