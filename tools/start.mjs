// @ts-check
// `npm start`: everything on this machine, from a fresh clone on.
import { bootstrap } from './bootstrap.mjs';
import { runMain } from './progress.mjs';

await runMain(bootstrap);
if (!process.exitCode) await import('./serve.mjs');
