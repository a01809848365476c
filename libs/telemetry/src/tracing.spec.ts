import { expect, it } from 'vitest';
import { contextFrom, currentTraceId, currentTraceparent, startTracing, withSpan } from './tracing.js';

it('carries one trace across a process boundary by traceparent', async () => {
  const stop = startTracing({ service: 'test' });
  await withSpan('outer', async () => {
    const traceId = currentTraceId();
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    const parent = contextFrom(currentTraceparent());
    const inner = await withSpan('inner', () => Promise.resolve(currentTraceId()), { parent });
    expect(inner).toBe(traceId);
  });
  await stop();
});
