// @ts-check
// `npm test`: everything that must hold, from a fresh clone on. `npm test -- unit int` runs these phases alone.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { attempt, nx, nxEnvironment, root } from './command.mjs';
import { Failure, runMain, say, step } from './progress.mjs';
import { countTests, removeReports } from './test-reports.mjs';

const REPORTS = join(root, '.reports');

/** @typedef {[string, string[]]} Command */

/** @param {string} program @param {...string} args @returns {Command} */
const script = (program, ...args) => [process.execPath, [join('node_modules', program), ...args]];

/**
 * One after the other; what stands together goes on at once, as integration tests wait more than they work.
 * @type {Record<string, Command>[]}
 */
const phases = [
  {
    format: script('prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'),
    types: script('typescript/bin/tsc'),
  },
  { unit: nx(['test'], ['--parallel=2']) },
  { lint: script('eslint/bin/eslint.js', '--max-warnings', '0', '.'), int: nx(['int'], ['--parallel=2']) },
  { e2e: nx(['e2e'], ['--parallel=1']) },
];
const names = phases.flatMap((together) => Object.keys(together));

await runMain(async () => {
  await bootstrap();
  await mkdir(REPORTS, { recursive: true });
  await removeReports();

  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Failure(`there is no phase ${unknown.join(', ')}; there are: ${names.join(', ')}`);

  /** @type {string[]} */
  const failed = [];
  /** @param {string} name @param {Command} command */
  const run = async (name, [program, args]) => {
    const logFile = join(REPORTS, `${name}.log`);
    const { code, output } = await step(name, () =>
      attempt(program, args, { env: nxEnvironment, logFile, timeoutMs: 60 * 60_000 }),
    );
    if (code === 0) return;
    failed.push(name);
    say(output.trimEnd());
    say(`${name}: FAILED`);
  };
  for (const together of phases) {
    const asked = Object.entries(together).filter(([name]) => wanted.length === 0 || wanted.includes(name));
    await Promise.all(asked.map(([name, command]) => run(name, command)));
  }

  const counts = await countTests();
  for (const name of counts.skippedNames) say(`skipped: ${name}`);
  for (const name of counts.failedNames) say(`failed: ${name}`);
  // A phase can fail without a failed test: lint, or a test file that cannot be loaded.
  const failures = Math.max(counts.failed, failed.length);
  const summary = `${counts.passed} passed, ${failures} failed, ${counts.skipped} skipped`;
  await writeFile(join(REPORTS, 'summary'), `${summary}\n`);
  say(summary);
  if (failures > 0) throw new Failure(`failed: ${failed.join(', ') || 'tests'}`);
});
