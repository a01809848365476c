import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { run } from '@sallyport/testing';
import { Failure, say, step } from '../../progress.mjs';
import { root } from '../settings.js';
import { regressions } from './compare.js';
import { flameGraph } from './flame-graph.js';
import type { CpuProfile } from './flame-graph.js';
import { readOptions, usage } from './options.js';
import type { BenchOptions, PartName } from './options.js';
import { measureEcho } from './parts/echo.js';
import { measureLogon } from './parts/logon.js';
import { measureMemory } from './parts/memory.js';
import { measureFiles } from './parts/files.js';
import { measureFar } from './parts/far.js';
import { measureLoad } from './parts/load.js';
import { measureMany } from './parts/many.js';
import { measureBulk, measureSftp, measureTerminal } from './parts/transfer.js';
import { describeRegressions, table } from './report.js';
import { Results } from './results.js';
import type { Metric } from './results.js';
import { startSurroundings } from './surroundings.js';
import type { Surroundings } from './surroundings.js';

const parts: Readonly<Record<PartName, (around: Surroundings, options: BenchOptions) => Promise<Metric[]>>> = {
  logon: measureLogon,
  bulk: measureBulk,
  sftp: measureSftp,
  files: measureFiles,
  echo: measureEcho,
  memory: measureMemory,
  terminal: measureTerminal,
  many: measureMany,
  far: measureFar,
  load: measureLoad,
};

/** What the bare relay takes part in: it has no terminals. */
const plain: readonly PartName[] = ['logon', 'bulk', 'sftp', 'files'];
const withoutBare = (around: Surroundings): Surroundings => ({
  ...around,
  ways: around.ways.filter(({ name }) => name !== 'bare'),
});

/** Measures, prints, writes, compares. @throws Failure for what a person can put right */
export async function bench(args: readonly string[]): Promise<void> {
  if (args.includes('--help')) {
    say(usage);
    return;
  }
  const options = readOptions(args, process.env);
  const earlier = options.against === undefined ? undefined : readResults(options.against);
  const around = await step('starting two sshd and a Sallyport', () => startSurroundings(options));
  const metrics: Metric[] = [];
  try {
    for (const name of options.parts) {
      const able = plain.includes(name) ? around : withoutBare(around);
      metrics.push(...(await step(name, () => parts[name](able, options))));
    }
  } finally {
    await step('stopping', () => around.stop());
  }
  const results = await describeRun(args, metrics);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, undefined, 1)}\n`);
  if (options.profile !== undefined) drawProfiles(options.profile);
  const { machine, versions } = results;
  say(`\n${machine.cores} × ${machine.cpu}, load ${machine.load}, Node ${versions.node}, ${versions.openssh}\n`);
  say(table(metrics));
  if (!earlier) return;
  const worse = regressions(earlier.metrics, metrics);
  say(worse.length === 0 ? '\nnothing became worse' : `\nbecame worse:\n${describeRegressions(worse)}`);
  if (worse.length > 0) process.exitCode = 2;
}

function readResults(file: string): Results {
  try {
    return Results.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Failure(`${file} is not the JSON file of an earlier run.`, { cause });
  }
}

async function describeRun(args: readonly string[], metrics: Metric[]): Promise<Results> {
  const [cpu] = cpus();
  const commit = await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: root });
  const openssh = await run('ssh', ['-V']);
  return {
    takenAt: new Date().toISOString(),
    command: ['npm run bench --', ...args].join(' '),
    commit: commit.stdout.trim(),
    machine: {
      cpu: cpu?.model ?? 'unknown',
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    },
    versions: { node: process.versions.node, openssh: openssh.stderr.trim() },
    metrics,
  };
}

/** Beside each profile, which Chrome and other tools open as well, a flame graph that every browser shows. */
function drawProfiles(folder: string): void {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.cpuprofile'))) {
    const profile = JSON.parse(readFileSync(join(folder, name), 'utf8')) as CpuProfile;
    const svg = join(folder, name.replace(/\.cpuprofile$/, '.svg'));
    writeFileSync(svg, flameGraph(profile, `session, ${name}`));
    say(`flame graph: ${svg}`);
  }
}
