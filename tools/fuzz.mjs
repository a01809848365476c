// @ts-check
// `npm run fuzz [-- RUNS [SEED [WORD]]]`: every property of every parser, tried so often, where `npm test` tries it about a
// hundred times. It prints the seed that begins it; the same seed tries the same again. WORD: only files with it in their path.
import { randomInt } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { root } from './command.mjs';

const [runs = '20000', seed = String(randomInt(2 ** 31)), word = ''] = process.argv.slice(2);
if (!/^[1-9]\d*$/.test(runs) || !/^\d+$/.test(seed)) {
  console.error('npm run fuzz [-- RUNS [SEED [WORD]]]: RUNS and SEED are numbers');
  process.exit(2);
}

/** @param {string} project @returns {string[]} its test files that try properties */
function targets(project) {
  if (!existsSync(`${root}/${project}/src`)) return [];
  return readdirSync(`${root}/${project}/src`, { recursive: true, encoding: 'utf8' })
    .filter(
      (file) => file.endsWith('.spec.ts') && !file.endsWith('.int.spec.ts') && `${project}/src/${file}`.includes(word),
    )
    .map((file) => `src/${file}`)
    .filter((file) => readFileSync(`${root}/${project}/${file}`, 'utf8').includes("from 'fast-check'"));
}

const projects = ['libs', 'services']
  .flatMap((folder) => readdirSync(`${root}/${folder}`).map((name) => `${folder}/${name}`))
  .map((project) => /** @type {const} */ ([project, targets(project)]))
  .filter(([, files]) => files.length > 0);

if (projects.length === 0) {
  console.error(`no test file with properties has "${word}" in its path`);
  process.exit(2);
}
console.log(`${runs} runs of each property, seed ${seed}; the same again: npm run fuzz -- ${runs} ${seed} ${word}`);
let failed = 0;
for (const [project, files] of projects) {
  console.log(`\n${project}: ${files.length} file(s)`);
  const args = ['vitest', 'run', '--root', '.', '--config', '../../tools/vitest/unit.ts', ...files];
  const env = { ...process.env, SALLYPORT_TEST_FUZZ_RUNS: runs, SALLYPORT_TEST_FUZZ_SEED: seed };
  const { status } = spawnSync('npx', args, { cwd: `${root}/${project}`, stdio: 'inherit', env });
  if (status !== 0) failed += 1;
}
if (failed > 0) {
  console.error(`\nfound something: seed ${seed}, in ${failed} project(s)`);
  process.exit(1);
}
console.log(`\nnothing found in ${projects.length} projects with seed ${seed}`);
