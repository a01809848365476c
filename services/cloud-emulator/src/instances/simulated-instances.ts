import { mkdir, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import type { Connection, Server } from 'ssh2';
import { log } from '../log.js';
import type { KeyVault } from '../state/key-vault.js';
import type { AccountStore } from '../state/account-store.js';
import { checkLogon } from './check-logon.js';
import { hostKeyContext, withInstance } from './instance.js';
import type { Instance } from './instance.js';
import { withFreeAccount } from './simulate-instance.js';
import type { RunningProcess } from './run-process.js';
import { serveSession } from './serve-session.js';

/** Longest time from connecting to being logged on. */
const logonGraceMs = 60_000;
const maxAttempts = 6;

/** The SSH servers of the simulated instances, on loopback, each on a port that stays the same from start to start. */
export class SimulatedInstances {
  readonly #processes = new Set<RunningProcess>();
  readonly #servers = new Map<string, { server: Server; connections: Set<Connection> }>();

  constructor(
    private readonly account: AccountStore,
    private readonly vault: KeyVault,
    /** Holds a folder for each account, its home. */
    private readonly homes: string,
  ) {}

  /** Starts all of them; a port that someone else took meanwhile is replaced by a new one. */
  async start(): Promise<void> {
    await this.account.update(({ instances }) => {
      const complete = instances.map((instance) => withFreeAccount(this.vault, instance));
      const same = complete.every((instance, index) => instance === instances[index]);
      return { next: same ? {} : { instances: complete }, result: undefined };
    });
    for (const instance of this.account.current.instances) {
      if (instance.simulation) await this.#start(instance);
    }
  }

  /** Stops one instance's server, when it has one. */
  stopOne(instanceId: string): void {
    const running = this.#servers.get(instanceId);
    this.#servers.delete(instanceId);
    running?.server.close();
    for (const connection of running?.connections ?? []) connection.end();
  }

  /** Stops all of them, and what runs on them. */
  stop(): void {
    for (const process of this.#processes) process.hangUp();
    for (const instanceId of [...this.#servers.keys()]) this.stopOne(instanceId);
  }

  async #start(instance: Instance): Promise<void> {
    const connections = new Set<Connection>();
    const server = new ssh2.Server(
      {
        hostKeys: (instance.simulation?.hostKeys ?? []).map(({ fingerprint, privateKey }) =>
          this.vault.unseal(privateKey, hostKeyContext(instance.instanceId, fingerprint)),
        ),
        ident: 'SallyportEmulator',
      },
      (connection, { ip, port }) => {
        connections.add(connection);
        connection.once('close', () => connections.delete(connection));
        this.#serve(connection, instance.instanceId, { address: ip, port });
      },
    );
    this.#servers.set(instance.instanceId, { server, connections });
    const port = await listenOn(server, instance.port);
    if (port === instance.port) return;
    await this.account.update((state) => ({
      next: { instances: withInstance(state.instances, { ...instance, port }) },
      result: undefined,
    }));
  }

  #serve(connection: Connection, instanceId: string, client: { address: string; port: number }): void {
    let attempts = 0;
    let userName = '';
    const grace = setTimeout(() => connection.end(), logonGraceMs).unref();
    connection.on('error', () => undefined); // 'close' follows
    connection.once('close', () => {
      clearTimeout(grace);
    });
    connection.on('authentication', (attempt) => {
      const instance = this.#find(instanceId);
      const account = instance?.simulation?.accounts.find((one) => one.userName === attempt.username);
      if (checkLogon(attempt, account, instanceId, this.vault) === 'accept') {
        userName = attempt.username;
        attempt.accept();
        return;
      }
      if (attempt.method !== 'none') attempts += 1;
      if (attempts >= maxAttempts) connection.end();
      else attempt.reject(['publickey', 'password']);
    });
    connection.once('ready', () => {
      clearTimeout(grace);
      log('instance.logon', { instanceId, userName });
      const home = join(this.homes, instanceId, userName);
      const server = { address: '127.0.0.1', port: this.#find(instanceId)?.port ?? 0 };
      connection.on('session', (accept) => {
        const session = accept();
        serveSession(session, { userName, home, client, server }, this.#processes);
      });
    });
  }

  #find(instanceId: string): Instance | undefined {
    return this.account.current.instances.find((one) => one.instanceId === instanceId);
  }

  /** Makes the home folders of the accounts there are, with a prompt that says whose and where. */
  async makeHomes(): Promise<void> {
    for (const { instanceId, name, simulation } of this.account.current.instances) {
      for (const { userName } of simulation?.accounts ?? []) {
        const home = join(this.homes, instanceId, userName);
        await mkdir(home, { recursive: true, mode: 0o700 });
        await writeUnlessThere(join(home, '.profile'), `[ -z "$BASH_VERSION" ] || PS1='${userName}@${name}:\\w\\$ '\n`);
      }
    }
  }
}

/** What its user changed stays. */
async function writeUnlessThere(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

/** @returns the port asked for, or a free one when that is 0 or taken */
async function listenOn(server: Server, port: number): Promise<number> {
  try {
    await listening(server, port);
  } catch {
    await listening(server, 0);
  }
  server.on('error', () => {
    log('instance.server-failed');
  });
  return (server.address() as AddressInfo).port;
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}
