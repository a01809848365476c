// @ts-check
// `npm run bench`: what a logon and a byte through Sallyport cost, beside OpenSSH doing the same work; `npm run bench -- audit`:
// what the log takes, and how fast it answers.
import { bootstrap } from './bootstrap.mjs';
import { runMain } from './progress.mjs';

await runMain(bootstrap);
if (!process.exitCode) {
  await runMain(async () => {
    const [first, ...rest] = process.argv.slice(2);
    const load = (/** @type {string} */ path) => import(new URL(path, import.meta.url).href);
    if (first === 'audit') await (await load('dist/bench/audit/audit-bench.js')).auditBench(rest);
    else await (await load('dist/bench/bench.js')).bench(process.argv.slice(2));
  });
}
process.exit();
