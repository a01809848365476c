import { spawnSync } from 'node:child_process';
import { ServerProcess } from '../server-process.js';
import { run } from '../run.js';
import type { RunOptions, RunResult } from '../run.js';
import { waitFor } from '../wait-for.js';

/**
 * A view of this machine of its own (mount and process namespaces, so root is needed). All its files can be seen; what is
 * written to /etc, /home, /root, /run, /var/log and the mail folder goes to memory and is gone at the end, and so is every
 * process in it. The network is the machine's. The last command waits for its input to end, which happens when we do, and
 * takes all with it.
 */
const SET_UP = `
set -e
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/sshd
if [ -n "$ADD_TO_USR" ]; then mount -t overlay overlay -o "lowerdir=$ADD_TO_USR:/usr" /usr; fi
for folder in /etc /home /root; do
  mkdir -p "/run/layers$folder/upper" "/run/layers$folder/work"
  [ ! -d "$folder" ] || mount -t overlay overlay \
    -o "lowerdir=$folder,upperdir=/run/layers$folder/upper,workdir=/run/layers$folder/work" "$folder"
done
for folder in /var/log /var/mail; do
  [ ! -d "$folder" ] || mount -t tmpfs -o mode=755 tmpfs "$folder"
done
rm -rf /root/.ssh
echo ready
exec cat >/dev/null
`;
const UNSHARE = [
  '--mount',
  '--propagation',
  'private',
  '--pid',
  '--fork',
  '--mount-proc',
  '--kill-child',
  'sh',
  '-c',
  SET_UP,
];

/** Whether this machine lets us make one; the reason fits behind "skipped: ". */
export function canMakePrivateMachine(): { ok: true } | { ok: false; reason: string } {
  if (process.platform !== 'linux') return { ok: false, reason: 'needs Linux namespaces' };
  if (process.getuid?.() !== 0)
    return { ok: false, reason: 'needs root, for real Unix accounts in a private mount namespace' };
  const attempt = spawnSync('unshare', UNSHARE, {
    input: '',
    env: { ...process.env, ADD_TO_USR: '' },
    timeout: 60_000,
  });
  if (attempt.status === 0) return { ok: true };
  return { ok: false, reason: `mount namespaces are not permitted here (${attempt.stderr.toString().trim()})` };
}

export class PrivateMachine {
  readonly #holder: ServerProcess;

  private constructor(holder: ServerProcess) {
    this.#holder = holder;
  }

  /** @param addToUsr folders, with colons between them, whose files appear in /usr, as if packages were installed */
  static async start(addToUsr = ''): Promise<PrivateMachine> {
    const holder = new ServerProcess('unshare', UNSHARE, {
      env: { ...process.env, ADD_TO_USR: addToUsr },
      stdin: 'pipe',
    });
    const machine = new PrivateMachine(holder);
    await waitFor(() => !holder.running || holder.lines.includes('ready'), { what: 'the private namespace' });
    if (!holder.running) throw new Error(`no private namespace: ${holder.tail()}`);
    return machine;
  }

  /** Where a file of the private machine lies for us. */
  path(inside: string): string {
    return `/proc/${this.#holder.pid}/root${inside}`;
  }

  /** Runs a shell command line inside, as root. */
  run(command: string, options: RunOptions = {}): Promise<RunResult> {
    return run('nsenter', [...this.#enter(), 'sh', '-c', command], options);
  }

  /** As `run`, for what must succeed. */
  async mustRun(command: string, options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, options);
    if (code !== 0) throw new Error(`${command}: ${stderr.trim()}`);
    return stdout;
  }

  /** Starts a server inside, as root. */
  spawn(command: string, args: readonly string[]): ServerProcess {
    return new ServerProcess('nsenter', [...this.#enter(), command, ...args]);
  }

  /** The command line by which another process runs a command inside, as root. */
  argv(command: readonly string[]): string[] {
    return ['nsenter', ...this.#enter(), ...command];
  }

  /** Ends every process inside. */
  async stop(): Promise<void> {
    await this.#holder.stop({ signal: 'SIGKILL' });
  }

  /** `unshare` itself stands outside the process namespace that it made for its children. */
  #enter(): string[] {
    const { pid } = this.#holder;
    return [`--mount=/proc/${pid}/ns/mnt`, `--pid=/proc/${pid}/ns/pid_for_children`, '--'];
  }
}
