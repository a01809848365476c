import { describeExit, ServerProcess, waitFor } from '@sallyport/testing';
import { Failure } from '../../progress.mjs';
import type { Member } from '../supervisor/member.js';

export interface NodeProcessOptions {
  name: string;
  /** The file to run. */
  script: string;
  /** Options of Node itself. */
  nodeOptions?: readonly string[];
  /** The whole environment, but for PATH. Asked at each start. */
  environment: () => Record<string, string>;
  logFile: string;
  /** Whether it is ready; asked again and again while the process runs. */
  isReady: (process: ServerProcess) => boolean | Promise<boolean>;
}

const READY_TIMEOUT_MS = 90_000;
const STOP_GRACE_MS = 10_000;

/** One of our processes: `node SCRIPT` with an environment of its own. */
export class NodeProcess implements Member {
  readonly name: string;
  #process: ServerProcess | undefined;

  constructor(private readonly options: NodeProcessOptions) {
    this.name = options.name;
  }

  async start(): Promise<void> {
    const { name, script, nodeOptions = [], environment, logFile, isReady } = this.options;
    const env = { PATH: process.env['PATH'], NODE_ENV: 'production', ...environment() };
    const child = new ServerProcess(process.execPath, [...nodeOptions, script], { env, logFile });
    this.#process = child;
    try {
      await waitFor(async () => !child.running || (await isReady(child)), {
        what: `${name} to be ready`,
        timeoutMs: READY_TIMEOUT_MS,
        everyMs: 100,
      });
    } catch (cause) {
      await child.stop({ graceMs: STOP_GRACE_MS });
      throw new Failure(`${name} did not become ready in ${READY_TIMEOUT_MS / 1000} s; its log is ${logFile}.`, {
        cause,
      });
    }
    if (!child.running) {
      throw new Failure(`${name} ended at its start; its log is ${logFile}.`, { details: child.tail(5) });
    }
  }

  async ended(): Promise<string> {
    const exit = await this.#process?.exited;
    return exit ? describeExit(exit) : 'never started';
  }

  async stop(): Promise<void> {
    await this.#process?.stop({ graceMs: STOP_GRACE_MS });
  }
}

/** Whether the answer of this URL is a success (2xx); false when nobody answers. */
export async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  await response.body?.cancel();
  return response.ok;
}
