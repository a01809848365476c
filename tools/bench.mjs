// @ts-check
// `npm run bench`: what a logon and a byte through Sallyport cost, beside OpenSSH doing the same work.
import { bootstrap } from './bootstrap.mjs';
import { runMain } from './progress.mjs';

await runMain(bootstrap);
if (!process.exitCode) {
  await runMain(async () => {
    const { bench } = await import(new URL('dist/bench/bench.js', import.meta.url).href);
    await bench(process.argv.slice(2));
  });
}
process.exit();
