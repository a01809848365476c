import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ListEventsRoute, type ServiceName } from '@sallyport/contracts';
import { freePort, ServerProcess, waitFor } from '@sallyport/testing';
import { home, signInAs, sshAs } from './sallyport.js';

function read(pid: string | number, what: string): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8');
  } catch {
    return ''; // it has ended, or is not ours
  }
}

/** What can be killed: a service, or a server behind them. */
export type ProcessName = ServiceName | 'nats-server' | 'postgresql';

/** Whether it is one of the Sallyport under test; others may run on this machine. */
function isOurs(pid: string, name: ProcessName): boolean {
  const command = read(pid, 'cmdline').replaceAll('\0', ' ');
  if (name === 'nats-server') return command.includes(`nats-server -c ${home}/`);
  // The first of its processes; the others call themselves by what they do.
  if (name === 'postgresql') return command.includes(`postgres -D ${home}/`);
  return command.includes(`services/${name}/dist/main.js`) && read(pid, 'environ').includes(`${home}/`);
}

export function pidOf(name: ProcessName): number | undefined {
  const pid = readdirSync('/proc').find((entry) => /^\d+$/.test(entry) && isOurs(entry, name));
  return pid === undefined ? undefined : Number(pid);
}

/** `kill -9`, and waits until somebody has started another. */
export async function killAndWait(name: ProcessName): Promise<void> {
  const pid = pidOf(name);
  if (pid === undefined) throw new Error(`no process of ${name}`);
  process.kill(pid, 'SIGKILL');
  const isBack = () => {
    const now = pidOf(name);
    return now !== undefined && now !== pid;
  };
  await waitFor(isBack, { what: `${name} to be back`, timeoutMs: 90_000 });
}

/**
 * Waits until users and auditors are served again, which takes every service. While one starts, they get a refusal that says to
 * try again.
 */
export async function allServe(): Promise<void> {
  await waitFor(async () => (await sshAs('alice@root@web-1', { command: 'true' })).code === 0, {
    what: 'a logon',
    timeoutMs: 90_000,
  });
  await waitFor(async () => (await signInAs('auditor')).call(ListEventsRoute, { query: { limit: 1 } }), {
    what: 'the REST',
    timeoutMs: 90_000,
  });
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
  await waitFor(ready, { what: 'the second broker', timeoutMs: 120_000 });
  if (!broker.running) throw new Error(broker.tail());
  return { metrics: () => metricsOf('secret-broker', port), stop: () => broker.stop() };
}

/** The sum of a counter's values over all series that have these labels. */
export function countIn(metrics: string, name: string, labels: Readonly<Record<string, string>>): number {
  const lines = metrics.split('\n').filter((line) => line.startsWith(`${name}{`));
  const fits = (line: string) => Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`));
  return lines.filter(fits).reduce((sum, line) => sum + Number(/\} (\S+)/.exec(line)?.[1] ?? 0), 0);
}
