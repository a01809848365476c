// @ts-check
// `npm run storm`: many logons while the secret rotates every second, in every way in which a rotation can go.
import { bootstrap } from './bootstrap.mjs';
import { runMain } from './progress.mjs';

await runMain(bootstrap);
if (!process.exitCode) {
  await runMain(async () => {
    const { storm } = await import(new URL('dist/storm/storm.js', import.meta.url).href);
    await storm(process.argv.slice(2));
  });
}
process.exit();
