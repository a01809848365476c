import { startDelayingProxy } from '@sallyport/testing';
import type { DelayingProxy } from '@sallyport/testing';
import { interleave } from '../interleave.js';
import type { BenchOptions } from '../options.js';
import type { Metric } from '../results.js';
import type { Surroundings } from '../surroundings.js';
import type { Way } from '../ways.js';
import { openMaster } from './master.js';
import { bulkTransfers } from './transfer.js';

const MOST_ROUNDS = 3;

/**
 * Transfers of a client that is far away from the first machine that it talks to (D10). Up, throughput is at most the window of whoever
 * takes the data per round trip, the bastion's SESSION_WINDOW_BYTES here; down, it is that of the client. `ssh -J` has its own window
 * inside the window of its jump host, and is left out.
 */
export async function measureFar(
  { ways, sallyportPort, target }: Surroundings,
  { rounds, sizeMiB, roundTripMs }: BenchOptions,
): Promise<Metric[]> {
  const ports = { direct: target.port, sallyport: sallyportPort };
  const proxies: DelayingProxy[] = [];
  const farWays: Way[] = [];
  for (const name of ['direct', 'sallyport'] as const) {
    const proxy = await startDelayingProxy(ports[name], roundTripMs / 2);
    proxies.push(proxy);
    const way = ways.find((each) => each.name === name);
    // ssh takes the first value that it is given.
    if (way) farWays.push({ name, args: ['-o', `Port=${proxy.port}`, ...way.args] });
  }
  const { down, up } = bulkTransfers(Math.ceil(sizeMiB / SHARE_FROM_FAR));
  const metric = (name: string) => ({
    name: `${name}, ${roundTripMs} ms away`,
    unit: 'MiB/s',
    better: 'more' as const,
  });
  const metrics = [metric('bulk down'), metric('bulk up')] as const;
  try {
    return await interleave(farWays, Math.min(rounds, MOST_ROUNDS), metrics, async (way) => {
      const master = await openMaster(way);
      const timed = async (transfer: typeof down): Promise<number> => {
        const started = performance.now();
        await transfer(master.args);
        return Math.ceil(sizeMiB / SHARE_FROM_FAR) / ((performance.now() - started) / 1_000);
      };
      const figures = { [metrics[0].name]: await timed(down), [metrics[1].name]: await timed(up) };
      await master.stop();
      return figures;
    });
  } finally {
    for (const proxy of proxies) proxy.stop();
  }
}

/** The way is long, and each transfer takes so much longer. */
const SHARE_FROM_FAR = 4;
