import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServerProcess } from '../server-process.js';
import type { Exit } from '../server-process.js';
import { tempDir } from '../temp-dir.js';
import { waitFor } from '../wait-for.js';
import { ensureNatsServer } from './ensure-nats-server.js';

export interface NatsOptions {
  /**
   * Configuration text to add: accounts, users, limits. Where we listen and where JetStream stores is ours to say.
   * Without it everybody may do everything.
   */
  config?: string;
  /** Holds the store and the configuration; a temporary one unless told. A second start takes up what is there. */
  dir?: string;
  /** Any free one (0) unless told; a restart keeps it. */
  port?: number;
  logFile?: string;
}

/** A running nats-server with JetStream, on loopback. */
export interface NatsServer {
  readonly port: number;
  /** `nats://127.0.0.1:PORT` */
  readonly url: string;
  /** Ends it as an operator would (SIGTERM); what JetStream acknowledged is on disk. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL. */
  kill(): Promise<void>;
  /** Starts it on the same port with the same store; stops it first if it runs. May be given another configuration. */
  restart(config?: string): Promise<void>;
  /** What it logged since it was started last. */
  log(): readonly string[];
  /** Settles when the process that runs now ends, whoever ended it. */
  exited(): Promise<Exit>;
}

/** @throws Error when there is no nats-server, it refuses the configuration, or is not ready within 30 seconds */
export async function startNats(options: NatsOptions = {}): Promise<NatsServer> {
  const program = await ensureNatsServer();
  const dir = options.dir ?? tempDir();
  await mkdir(dir, { recursive: true, mode: 0o700 });
  let config = options.config ?? '';
  let port = options.port ?? 0;
  let server: ServerProcess;

  const start = async (): Promise<void> => {
    const configFile = join(dir, 'nats.conf');
    for (const name of await readdir(dir)) if (name.endsWith('.ports')) await rm(join(dir, name)); // of one that was killed
    await writeFile(configFile, `${ourConfig(dir, port)}${config}\n`, { mode: 0o600 });
    server = new ServerProcess(
      program,
      ['-c', configFile],
      options.logFile === undefined ? {} : { logFile: options.logFile },
    );
    port = await listeningPort(server, join(dir, `nats-server_${server.pid}.ports`));
  };
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    await server.stop({ signal, graceMs: 20_000 });
  };
  await start();
  return {
    get port() {
      return port;
    },
    get url() {
      return `nats://127.0.0.1:${port}`;
    },
    stop: () => stop('SIGTERM'),
    kill: () => stop('SIGKILL'),
    restart: async (newConfig = config) => {
      await stop('SIGTERM');
      config = newConfig;
      await start();
    },
    log: () => server.lines,
    exited: () => server.exited,
  };
}

/** Port -1 means any free one to nats-server; `ports_file_dir` is where it says which. */
function ourConfig(dir: string, port: number): string {
  return [
    'host: "127.0.0.1"',
    `port: ${port === 0 ? -1 : port}`,
    `ports_file_dir: ${JSON.stringify(dir)}`,
    `jetstream { store_dir: ${JSON.stringify(join(dir, 'jetstream'))} }`,
    '',
  ].join('\n');
}

/** The server writes the file when it listens, and JetStream is up before that. */
async function listeningPort(server: ServerProcess, portsFile: string): Promise<number> {
  try {
    return await waitFor(
      async () => {
        if (!server.running) return 'ended';
        const ports = JSON.parse(await readFile(portsFile, 'utf8')) as { nats?: string[] };
        const url = ports.nats?.[0];
        return url === undefined ? undefined : Number(new URL(url).port);
      },
      { what: 'nats-server to listen' },
    ).then((answer) => {
      if (answer === 'ended') throw new Error('nats-server ended at once');
      return answer;
    });
  } catch (cause) {
    await server.stop({ signal: 'SIGKILL' });
    throw new Error(`nats-server did not start: ${server.tail()}`, { cause });
  }
}
