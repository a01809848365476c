// @ts-check
// The second half of `npm start`, for a clone that is built: everything on this machine, until it is told to stop.
import { runMain } from './progress.mjs';

await runMain(async () => {
  const { start } = await import(new URL('dist/start.js', import.meta.url).href);
  await start();
});
process.exit();
