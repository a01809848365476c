import { logger, startHealth } from '@sallyport/telemetry';
import type { Check, CheckResult } from '@sallyport/telemetry';
import { z } from 'zod';
import type { Settings } from '../config.js';
import { mergeMetrics } from './merge-metrics.js';
import { ProcessGroup } from './process-group.js';

const Readiness = z.object({
  ready: z.boolean(),
  checks: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string().optional() })),
});
/** Those of a process take two seconds at most. */
const ANSWER_TIMEOUT_MS = 3_000;

/**
 * Runs as many session processes as the settings say, behind one port, until SIGTERM or SIGINT; then they drain. Health and metrics are
 * those of all of them: ready when each is, a sample of each with the label `process`.
 */
export async function runProcesses(settings: Settings): Promise<void> {
  const log = logger('session', settings.LOG_LEVEL);
  const group = new ProcessGroup(settings.SESSION_PROCESSES, log);
  const numbers = [...group.healthPorts.keys()];
  const health = await startHealth({
    port: settings.SALLYPORT_HEALTH_PORT,
    checks: Object.fromEntries(numbers.map((number) => [`process-${number}`, checkOf(group, number)])),
    metrics: (_request, response) => {
      void readMetrics(group).then(
        (text) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text),
        (error: unknown) => {
          log.error({ err: error }, 'the metrics of a session process cannot be had');
          response.writeHead(503).end();
        },
      );
    },
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      log.info({ signal }, 'stopping all session processes');
      group.stop(signal);
    });
  }
  group.start();
  log.info({ healthPort: health.port, processes: settings.SESSION_PROCESSES }, 'session processes behind one port');
  process.exit((await group.ended) ? 0 : 1);
}

function checkOf(group: ProcessGroup, number: string): Check {
  return async (): Promise<CheckResult> => {
    const port = group.healthPorts.get(number);
    if (port === undefined) return { ok: false, detail: 'not ready yet' };
    const { ready, checks } = Readiness.parse(await (await ask(port, 'readyz')).json());
    const details = Object.entries(checks).filter(([, { ok, detail }]) => !ok || detail !== undefined);
    const said = details.map(([name, { ok, detail }]) => [ok ? name : `${name} failed`, detail].join(': '));
    return { ok: ready, ...(said.length > 0 && { detail: said.join('; ') }) };
  };
}

/** Of those that are ready. */
async function readMetrics(group: ProcessGroup): Promise<string> {
  const texts = new Map<string, string>();
  for (const [number, port] of group.healthPorts)
    if (port !== undefined) texts.set(number, await (await ask(port, 'metrics')).text());
  return mergeMetrics(texts);
}

function ask(port: number, path: 'readyz' | 'metrics'): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/${path}`, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
}
