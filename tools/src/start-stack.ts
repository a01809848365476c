import { join } from 'node:path';
import { freePort, ServerProcess, tempDir, waitFor } from '@sallyport/testing';
import { Failure } from '../progress.mjs';
import { root } from './settings.js';

const START_TIMEOUT_MS = 5 * 60_000;

/** A Sallyport with a state folder and ports of its own, that ends with us. */
export interface OwnStack {
  readonly home: string;
  readonly process: ServerProcess;
}

/** @param environment settings of `npm start`, beside those that keep it apart from others */
export async function startStack(environment: Readonly<Record<string, string | undefined>> = {}): Promise<OwnStack> {
  const home = tempDir(0o755); // PostgreSQL's own account has to reach its data
  const process_ = new ServerProcess(process.execPath, [join(root, 'tools/serve.mjs')], {
    cwd: root,
    env: {
      ...process.env,
      SALLYPORT_HOME: home,
      SALLYPORT_SSH_PORT: String(await freePort()),
      SALLYPORT_HTTP_PORT: String(await freePort()),
      ...environment,
    },
  });
  const ready = (): boolean => !process_.running || process_.lines.includes('sallyport is ready');
  await waitFor(ready, { what: 'Sallyport to be ready', timeoutMs: START_TIMEOUT_MS, everyMs: 100 });
  if (!process_.running) throw new Failure('Sallyport did not start.', { details: process_.tail() });
  return { home, process: process_ };
}
