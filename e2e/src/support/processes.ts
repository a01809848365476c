import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort, ServerProcess, waitFor } from '@sallyport/testing';
import type { ServiceName } from '@sallyport/contracts';
import { home } from './sallyport.js';

function read(pid: string | number, what: string): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8');
  } catch {
    return ''; // it has ended, or is not ours
  }
}

/** The process of a service of the Sallyport under test; others may run on this machine. */
export function pidOf(service: ServiceName): number | undefined {
  const ours = (pid: string) =>
    read(pid, 'cmdline').includes(`services/${service}/dist/main.js`) && read(pid, 'environ').includes(`${home}/`);
  const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && ours(name));
  return pid === undefined ? undefined : Number(pid);
}

/** What a running service was started with. */
function environmentOf(service: ServiceName): Record<string, string> {
  const pid = pidOf(service);
  if (pid === undefined) throw new Error(`no process of ${service}`);
  const lines = read(pid, 'environ').split('\0').filter(Boolean);
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** What a service answers to `/metrics`, of this or another of its processes. */
export async function metricsOf(service: ServiceName, port = environmentOf(service)['SALLYPORT_HEALTH_PORT']) {
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

/** Another broker beside the one that runs: half of the logons go there. */
export interface SecondBroker {
  metrics(): Promise<string>;
  stop(): Promise<unknown>;
}

/** @param changes settings that differ from those of the first; undefined leaves one out */
export async function startSecondBroker(changes: Record<string, string | undefined> = {}): Promise<SecondBroker> {
  const port = String(await freePort());
  const main = fileURLToPath(new URL('../../../services/secret-broker/dist/main.js', import.meta.url));
  const env = { ...environmentOf('secret-broker'), ...changes, SALLYPORT_HEALTH_PORT: port };
  // Its name keeps it apart from the first, which others look for.
  const broker = new ServerProcess(process.execPath, ['--title=second-broker', main], { env });
  const ready = () => !broker.running || broker.lines.some((line) => line.includes('"ready"'));
  await waitFor(ready, { what: 'the second broker', timeoutMs: 60_000 });
  if (!broker.running) throw new Error(broker.tail());
  return { metrics: () => metricsOf('secret-broker', port), stop: () => broker.stop() };
}

/** The sum of a counter's values over all series that have these labels. */
export function countIn(metrics: string, name: string, labels: Readonly<Record<string, string>>): number {
  const lines = metrics.split('\n').filter((line) => line.startsWith(`${name}{`));
  const fits = (line: string) => Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`));
  return lines.filter(fits).reduce((sum, line) => sum + Number(/\} (\S+)/.exec(line)?.[1] ?? 0), 0);
}
