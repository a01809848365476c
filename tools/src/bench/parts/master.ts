import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ServerProcess, tempDir, waitFor } from '@sallyport/testing';
import type { Way } from '../ways.js';

/** A connection that is logged on, which the programs of OpenSSH use in turn (ControlMaster): their time is without the logon. */
export interface Master {
  /** Arguments in place of the way's own. */
  readonly args: readonly string[];
  stop(): Promise<void>;
}

export async function openMaster({ args, name }: Way): Promise<Master> {
  const socket = join(tempDir(), 'master');
  const shared = ['-o', `ControlPath=${socket}`, ...args];
  const master = new ServerProcess('ssh', ['-o', 'ControlMaster=yes', '-N', ...shared]);
  await waitFor(() => !master.running || existsSync(socket), { what: `a connection: ${name}`, timeoutMs: 30_000 });
  if (!master.running) throw new Error(`no connection (${name}): ${master.tail()}`);
  return {
    args: shared,
    stop: async () => {
      await master.stop();
    },
  };
}
