import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { freePort } from '../free-port.js';
import type { NewerOpenssh } from '../openssh/newer-openssh.js';
import type { RunOptions, RunResult } from '../run.js';
import type { ServerProcess } from '../server-process.js';
import type { KeyType } from '../user-key.js';
import { waitFor } from '../wait-for.js';
import { ensureSshd } from './ensure-sshd.js';
import { hostKeyFile, makeHostKeys } from './host-keys.js';
import type { HostKey } from './host-keys.js';
import { canMakePrivateMachine, PrivateMachine } from './private-machine.js';

export interface SshdAccount {
  /** `root` is the private machine's own root. */
  name: string;
  /** No logon by password unless told. */
  password?: string;
  /** Lines of authorized_keys. */
  authorizedKeys?: readonly string[];
}

export interface SshdOptions {
  accounts: readonly SshdAccount[];
  /** Ed25519, ECDSA and RSA unless told. */
  hostKeyTypes?: readonly KeyType[];
  /** Lines of sshd_config, which win over ours. */
  config?: string;
  /** Instead of the machine's own OpenSSH. */
  newer?: NewerOpenssh;
  /** A loopback address; 127.0.0.1 unless told. */
  address?: string;
  /** A folder whose files appear in /usr there, as if a package was installed. */
  addToUsr?: string;
}

/** A real OpenSSH server with real Unix accounts and PAM, in a private view of this machine. */
export interface SshdHost {
  readonly address: string;
  readonly port: number;
  readonly hostKeys: readonly HostKey[];
  /** Runs a shell command line on the host as root, as Cloud Assistant would. */
  run(command: string, options?: RunOptions): Promise<RunResult>;
  /** The command line by which another process runs a command on the host, as root. */
  argv(command: readonly string[]): string[];
  setPassword(user: string, password: string): Promise<void>;
  /** These keys, and no others, may log on as the user from now on. */
  setAuthorizedKey(user: string, ...publicKeys: string[]): Promise<void>;
  /** New keys of the same types (or of these), and a restart. */
  replaceHostKeys(types?: readonly KeyType[]): Promise<readonly HostKey[]>;
  /** What sshd logged since the start (LogLevel VERBOSE), a line each. */
  log(): string[];
  /** Same port; running sessions go on, as with `systemctl restart ssh`. */
  restart(): Promise<void>;
  /** Ends it and every session. */
  stop(): Promise<void>;
}

const LOG = '/var/log/sallyport-sshd.log';
const CONFIG = '/etc/ssh/sallyport_sshd_config';
const PID_FILE = '/run/sallyport-sshd.pid';
const PAM = ['auth', 'account', 'password', 'session'].map((kind) => `${kind} required pam_unix.so`).join('\n');

/** Whether this machine can run `startSshd`; tests that cannot be run are skipped with the reason, and so counted. */
export const canRunSshd = canMakePrivateMachine;

/** @throws Error when there is no sshd, we are not root, or it does not answer within 30 seconds */
export async function startSshd(options: SshdOptions): Promise<SshdHost> {
  const { newer } = options;
  const { program, addToUsr } = newer ? { program: '/usr/sbin/sshd', addToUsr: newer.usr } : await ensureSshd();
  const added = [addToUsr, options.addToUsr].filter((folder) => folder !== undefined);
  const machine = await PrivateMachine.start(added.join(':'));
  try {
    return await startOn(machine, program, options);
  } catch (error) {
    await machine.stop();
    throw error;
  }
}

async function startOn(machine: PrivateMachine, program: string, options: SshdOptions): Promise<SshdHost> {
  const address = options.address ?? '127.0.0.1';
  const port = await freePort();
  let types = options.hostKeyTypes ?? (['ed25519', 'ecdsa', 'rsa'] as const);
  let server: ServerProcess;

  const setPassword = async (user: string, password: string): Promise<void> => {
    await machine.mustRun('chpasswd', { input: `${user}:${password}\n` });
  };
  const setAuthorizedKey = async (user: string, ...publicKeys: string[]): Promise<void> => {
    const input = publicKeys.map((key) => `${key.trim()}\n`).join('');
    const commands = [
      'set -e; umask 077',
      `cd ~${user}; mkdir -p .ssh; cat >.ssh/new`,
      `chown -R ${user} .ssh; mv .ssh/new .ssh/authorized_keys`,
    ];
    await machine.mustRun(commands.join('; '), { input });
  };
  const start = async (): Promise<void> => {
    await writeFile(machine.path(CONFIG), sshdConfig(address, port, types, options.config));
    server = machine.spawn(program, ['-D', '-f', CONFIG, '-E', LOG]);
    await waitFor(() => !server.running || speaksSsh(address, port), { what: 'sshd to answer' });
    if (!server.running) throw new Error(`sshd ended at once: ${server.tail()} ${log().slice(-5).join('\n')}`);
  };
  const restart = async (): Promise<void> => {
    await machine.mustRun(`kill "$(cat ${PID_FILE})"`);
    await server.exited;
    await start();
  };
  const log = (): string[] => readFileSync(machine.path(LOG), 'utf8').split('\n').slice(0, -1);

  await mkdir(machine.path('/etc/ssh'), { recursive: true });
  await writeFile(machine.path('/etc/pam.d/sshd'), `${PAM}\n`);
  await writeFile(machine.path(LOG), '');
  await machine.mustRun(
    'id sshd >/dev/null 2>&1 || useradd --system --home-dir /run/sshd --shell /usr/sbin/nologin sshd',
  );
  for (const { name, password, authorizedKeys = [] } of options.accounts) {
    await machine.mustRun(
      `id ${name} >/dev/null 2>&1 || useradd --create-home --shell /bin/bash --password '*' ${name}`,
    );
    if (password !== undefined) await setPassword(name, password);
    if (authorizedKeys.length > 0) await setAuthorizedKey(name, ...authorizedKeys);
  }
  let hostKeys = await makeHostKeys(machine, types);
  await start();
  return {
    address,
    port,
    get hostKeys() {
      return hostKeys;
    },
    run: (command, runOptions) => machine.run(command, runOptions),
    argv: (command) => machine.argv(command),
    setPassword,
    setAuthorizedKey,
    replaceHostKeys: async (newTypes = types) => {
      types = newTypes;
      hostKeys = await makeHostKeys(machine, types);
      await restart();
      return hostKeys;
    },
    log,
    restart,
    stop: () => machine.stop(),
  };
}

/** In sshd_config the first value of a name wins. */
function sshdConfig(address: string, port: number, types: readonly KeyType[], first = ''): string {
  return [
    first,
    `ListenAddress ${address}:${port}`,
    ...types.map((type) => `HostKey ${hostKeyFile(type)}`),
    `PidFile ${PID_FILE}`,
    'UsePAM yes',
    'PasswordAuthentication yes',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin yes',
    'UseDNS no',
    'LogLevel VERBOSE',
    'MaxStartups 500',
    'AcceptEnv LANG LC_* TEST_*',
    'Subsystem sftp internal-sftp',
    '',
  ].join('\n');
}

function speaksSsh(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 10_000 });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (chunk) => {
      end(chunk.toString('latin1').startsWith('SSH-2.0-'));
    });
    socket.once('error', () => {
      end(false);
    });
    socket.once('close', () => {
      end(false);
    });
    socket.once('timeout', () => {
      end(false);
    });
  });
}
