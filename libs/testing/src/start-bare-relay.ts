import { fileURLToPath } from 'node:url';
import { ServerProcess } from './server-process.js';
import { waitFor } from './wait-for.js';

/** To the account at the target, for everybody who comes. */
export interface BareRelayOptions {
  target: { readonly address: string; readonly port: number };
  account: string;
  privateKeyFile: string;
  cipher: string;
}

/** `bare-relay.ts` in a process of its own, on a free port of 127.0.0.1. */
export async function startBareRelay({
  target,
  account,
  privateKeyFile,
  cipher,
}: BareRelayOptions): Promise<{ process: ServerProcess; port: number; stop: () => Promise<void> }> {
  const program = fileURLToPath(new URL('bare-relay.js', import.meta.url));
  const to = [target.address, String(target.port), account, privateKeyFile, cipher];
  const relay = new ServerProcess(process.execPath, [program, ...to]);
  const said = await waitFor(() => relay.lines[0], { what: 'the bare relay' });
  return {
    process: relay,
    port: Number(said),
    stop: async () => {
      await relay.stop();
    },
  };
}
