import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@sallyport/testing';
import { describe, expect, it } from 'vitest';
import { eventsOf, refusal } from './support/audit.js';
import { home, signInAs, sshAs } from './support/sallyport.js';

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  service: string;
  events?: { name: string }[];
}

interface Export {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] };
    scopeSpans: { spans: Omit<Span, 'service'>[] }[];
  }[];
}

/** All spans that the services exported so far (OTLP over HTTP, JSON). */
function spans(): Span[] {
  const text = readFileSync(join(home, 'traces/spans.ndjson'), 'utf8');
  // What stands after the last newline is still being written.
  const lines = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean);
  return lines.flatMap((line) =>
    (JSON.parse(line) as Export).resourceSpans.flatMap(({ resource, scopeSpans }) => {
      const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
      return scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, service })));
    }),
  );
}

const servicesOf = (trace: Span[]): Set<string> => new Set(trace.map((span) => span.service));

/** Spans whose parent is not there. */
function orphans(trace: Span[]): Span[] {
  const ids = new Set(trace.map((span) => span.spanId));
  return trace.filter(({ parentSpanId }) => parentSpanId && !ids.has(parentSpanId));
}

describe.skipIf(!existsSync(join(home, 'traces/spans.ndjson')))('H6: tracing', () => {
  it('is one trace from the client’s connect through asset, broker and KMS to the first byte, and in the audit', async () => {
    const auditor = await signInAs('auditor');
    const marker = `echo trace-${Date.now()}`;
    expect(await sshAs('alice@root@web-1', { command: marker })).toMatchObject({ code: 0 });
    const [opened] = await eventsOf(auditor, 'channel.opened', (event) => event.data['command'] === marker);
    const traceId = opened?.traceparent?.split('-')[1] ?? '';
    let trace: Span[] = [];
    // Each service sends its spans in its own time; that of the session ends last, with the connection.
    await waitFor(
      () => {
        trace = spans().filter((span) => span.traceId === traceId);
        return trace.some((span) => !span.parentSpanId) && orphans(trace).length === 0 && servicesOf(trace).size === 3;
      },
      { what: `the spans of the logon: ${traceId}`, timeoutMs: 60_000 },
    );
    expect([...servicesOf(trace)].sort()).toEqual(['sallyport-asset', 'sallyport-secret-broker', 'sallyport-session']);
    expect(trace.some((span) => span.name.includes('GetSecretValue'))).toBe(true);
    const roots = trace.filter((span) => !span.parentSpanId);
    expect(roots.map((span) => span.service)).toEqual(['sallyport-session']);
    expect(roots[0]?.events?.map((event) => event.name)).toContain('first byte');
  });

  it('has the id of a refusal’s line', async () => {
    const { traceId } = refusal((await sshAs('alice@nowhere', { command: 'true' })).stderr);
    await waitFor(() => spans().some((span) => span.traceId === traceId && span.service === 'sallyport-session'), {
      what: `spans of ${traceId}`,
      timeoutMs: 60_000,
    });
  });
});
