// @ts-check
// `npm start`: everything on this machine, from a fresh clone on.
import { bootstrap } from './bootstrap.mjs';
import { runMain } from './progress.mjs';

await runMain(async () => {
  await bootstrap();
  // Built by the line above, so it cannot be imported at the top.
  const { start } = await import(new URL('dist/start.js', import.meta.url).href);
  await start();
});
