import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.js';
import type { RunOptions, RunResult } from './run.js';
import { tempDir } from './temp-dir.js';

export interface SshOptions extends RunOptions {
  /** Another `ssh` than the machine's, and what it is run with. */
  program?: readonly [string, ...string[]];
  /** `user@host` as OpenSSH takes it; the user may hold `@`. */
  destination: string;
  port: number;
  /** What to run there; a shell that reads `input` unless told. */
  command?: string;
  /** Logs on with a password, which OpenSSH asks a program of ours for. */
  password?: string;
  /** Answers what keyboard-interactive asks for by this, and nothing else; with a key, after it. */
  code?: string;
  /** With `code`: the methods to prefer, comma-separated; publickey and keyboard-interactive unless told. */
  methods?: string;
  /** Logs on with this key and no other; with the public one, its agent signs. */
  privateKeyFile?: string;
  /** Host keys to trust, as in known_hosts; unless told, any is. */
  knownHostsFile?: string;
  /** What `ssh` itself says; ERROR unless told. Banners and the text of a disconnect need INFO. */
  logLevel?: 'ERROR' | 'INFO';
  /** More arguments before the destination, such as `-tt` or `-o Name=value`. */
  args?: readonly string[];
}

/**
 * Runs OpenSSH's `ssh` without the user's own configuration, agent and known hosts, and never lets it ask a person.
 * The exit code is that of the remote command, 255 where `ssh` itself failed.
 */
export async function ssh(options: SshOptions): Promise<RunResult> {
  const { destination, command, args = [], env, program = ['ssh'], ...rest } = options;
  const logon = await logonOf(options);
  return run(
    program[0],
    [
      ...program.slice(1),
      ...sshArgs(options),
      ...logon.args,
      ...args,
      destination,
      ...(command === undefined ? [] : [command]),
    ],
    {
      ...rest,
      env: { SSH_AUTH_SOCK: undefined, ...logon.env, ...env },
    },
  );
}

async function logonOf({
  password,
  code,
  methods,
}: SshOptions): Promise<{ args: string[]; env: Record<string, string> }> {
  if (code !== undefined) return interactiveLogon({ password, code, methods });
  return password === undefined ? { args: ['-o', 'BatchMode=yes'], env: {} } : passwordLogon(password);
}

/** The arguments that keep `ssh`, `sftp` and `scp` (`-P` for the port there) away from the settings of the user who runs the tests. */
function sshArgs({ port, privateKeyFile, knownHostsFile, logLevel = 'ERROR' }: SshOptions): string[] {
  const trust = knownHostsFile ?? '/dev/null';
  const strict = knownHostsFile === undefined ? 'no' : 'yes';
  return [
    ...['-F', 'none', '-p', String(port), '-o', `LogLevel=${logLevel}`, '-o', 'ConnectTimeout=60'],
    ...[
      '-o',
      `UserKnownHostsFile=${trust}`,
      '-o',
      'GlobalKnownHostsFile=/dev/null',
      '-o',
      `StrictHostKeyChecking=${strict}`,
    ],
    ...(privateKeyFile === undefined
      ? ['-o', 'PubkeyAuthentication=no']
      : ['-i', privateKeyFile, '-o', 'IdentitiesOnly=yes']),
  ];
}

/**
 * Makes any program of OpenSSH type a password: the arguments and the environment to give it. It asks once; a second
 * question, after a wrong answer, is not answered.
 */
export async function passwordLogon(password: string): Promise<{ args: string[]; env: Record<string, string> }> {
  const askpass = join(tempDir(), 'askpass');
  await writeFile(askpass, '#!/bin/sh\nprintf "%s\\n" "$SALLYPORT_TEST_PASSWORD"\n', { mode: 0o700 });
  return {
    args: ['-o', 'NumberOfPasswordPrompts=1', '-o', 'PreferredAuthentications=password,keyboard-interactive'],
    env: { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', SALLYPORT_TEST_PASSWORD: password },
  };
}

/**
 * Makes any program of OpenSSH answer keyboard-interactive: prompts for a code with the code, others with the password. It
 * gives no second answer where the first was wrong.
 */
export async function interactiveLogon(answers: {
  password?: string | undefined;
  code: string;
  methods?: string | undefined;
}): Promise<{ args: string[]; env: Record<string, string> }> {
  const methods = answers.methods ?? 'publickey,keyboard-interactive';
  const askpass = join(tempDir(), 'askpass');
  const script = `#!/bin/sh
case "$1" in *code*) answer=$SALLYPORT_TEST_CODE ;; *) answer=$SALLYPORT_TEST_PASSWORD ;; esac
printf '%s\\n' "$answer"
`;
  await writeFile(askpass, script, { mode: 0o700 });
  const env = { SALLYPORT_TEST_PASSWORD: answers.password ?? '', SALLYPORT_TEST_CODE: answers.code };
  return {
    args: ['-o', 'NumberOfPasswordPrompts=1', '-o', `PreferredAuthentications=${methods}`],
    env: { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', ...env },
  };
}
