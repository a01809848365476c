import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, ServerProcess, ssh, tempDir, waitFor } from '@sallyport/testing';
import ssh2 from 'ssh2';
import { beforeAll, describe, expect, it } from 'vitest';
import { Emulator } from '../emulator.js';
import { adminOf, settingsFor, startEmulator, theInstance } from '../start-emulator.suite.js';
import type { Admin } from '../start-emulator.suite.js';
import type { EmulatorState } from '../state/state.js';
import { fingerprintOf } from './ssh-keys.js';

describe('a simulated instance', () => {
  let admin: Admin;
  let port: number;
  let privateKeyFile: string;
  let password: string;

  beforeAll(async () => {
    const { emulator } = await startEmulator();
    admin = adminOf(emulator.endpoint);
    const place = await theInstance(admin);
    port = place.port;
    const deploy = await admin('GET', `instances/${place.instanceId}/accounts/deploy`);
    privateKeyFile = join(tempDir(), 'key');
    writeFileSync(privateKeyFile, String(deploy['privateKey']), { mode: 0o600 });
    password = String((await admin('GET', `instances/${place.instanceId}/accounts/root`))['password']);
  });

  const asDeploy = (
    command: string,
    more: { args?: string[]; input?: string | Buffer; env?: Record<string, string> } = {},
  ) => ssh({ destination: 'deploy@127.0.0.1', port, privateKeyFile, command, ...more });

  it('takes the password of root and the key of deploy, and nothing else', async () => {
    expect((await ssh({ destination: 'root@127.0.0.1', port, password, command: 'echo $USER' })).stdout).toBe('root\n');
    expect((await asDeploy('echo $USER')).stdout).toBe('deploy\n');
    const refused = await Promise.all([
      ssh({ destination: 'root@127.0.0.1', port, password: 'wrong', command: 'true' }),
      ssh({ destination: 'root@127.0.0.1', port, privateKeyFile, command: 'true' }),
      ssh({ destination: 'deploy@127.0.0.1', port, password, command: 'true' }),
      ssh({ destination: 'nobody@127.0.0.1', port, password, command: 'true' }),
    ]);
    expect(refused.map(({ code }) => code)).toEqual([255, 255, 255, 255]);
  });

  it('gives an earlier version’s instances the account ops, once, and takes its password', async () => {
    const { folder, emulator } = await startEmulator();
    await emulator.stop();
    const file = join(folder, 'state.json');
    const state = JSON.parse(readFileSync(file, 'utf8')) as EmulatorState;
    const [instance] = state.accounts[0]?.instances ?? [];
    instance?.simulation?.accounts.pop();
    writeFileSync(file, JSON.stringify(state));
    const passwords: unknown[] = [];
    for (const start of [1, 2]) {
      const again = await Emulator.start(settingsFor(folder));
      const local = adminOf(again.endpoint);
      const here = await theInstance(local);
      const ops = String((await local('GET', `instances/${here.instanceId}/accounts/ops`))['password']);
      const answer = await ssh({ destination: 'ops@127.0.0.1', port: here.port, password: ops, command: 'echo $USER' });
      expect([start, answer.stdout]).toEqual([start, 'ops\n']);
      passwords.push(ops);
      await again.stop();
    }
    expect(new Set(passwords).size).toBe(1);
  });

  it('has a prompt that says whose shell it is and where, unless its user wants another', async () => {
    const shell = (input: string) => asDeploy('bash -il', { args: ['-tt'], input });
    expect((await shell('exit\n')).stdout).toContain('deploy@web-1:');
    await shell('echo "PS1=\'mine: \'" >.profile; exit\n');
    expect((await shell('exit\n')).stdout).toContain('mine: ');
  });

  it('shows the host keys that the admin API tells of', async () => {
    const { stdout } = await run('ssh-keyscan', ['-T', '60', '-p', String(port), '-t', 'ed25519,rsa', '127.0.0.1']);
    const keys = stdout.split('\n').filter((line) => /^\S+ ssh-/.test(line));
    const fingerprints = keys.map((line) => fingerprintOf(line.split(' ').slice(1).join(' ')));
    expect(new Set(fingerprints)).toEqual(new Set((await theInstance(admin)).hostKeys));
    expect(fingerprints).toHaveLength(2);
  });

  it.each([0, 1, 7, 255])('passes on exit status %i', async (code) => {
    expect((await asDeploy(`exit ${code}`)).code).toBe(code);
  });

  it('keeps standard output and error apart, and a large answer whole', async () => {
    const both = await asDeploy('echo out; echo err >&2; echo more');
    expect(both).toMatchObject({ stdout: 'out\nmore\n', stderr: 'err\n' });
    // both wait for the window in turn, which ssh2 alone gets wrong
    const large = await asDeploy(
      'head -c 20000000 /dev/zero | tr "\\0" x; head -c 3000000 /dev/zero | tr "\\0" y >&2; exit 3',
    );
    expect([large.stdout.length, large.stderr.length, large.code]).toEqual([20_000_000, 3_000_000, 3]);
  });

  it('passes on the end of the input', async () => {
    const input = Buffer.alloc(3_000_000, 'a');
    expect((await asDeploy('wc -c', { input })).stdout.trim()).toBe('3000000');
    expect((await asDeploy('cat', { input: '' })).stdout).toBe('');
  });

  it('takes variables, and has none of the emulator', async () => {
    const result = await asDeploy('env', { args: ['-o', 'SetEnv=LC_TEST=hello'] });
    expect(result.stdout).toContain('LC_TEST=hello\n');
    expect(result.stdout).toMatch(/^SSH_CONNECTION=127\.0\.0\.1 \d+ 127\.0\.0\.1 \d+$/m);
    expect(result.stdout).not.toMatch(/SALLYPORT|VITEST/);
    expect((await asDeploy('cd; pwd; touch here; ls')).stdout).toMatch(/homes\/i-[^/]+\/deploy\nhere\n$/);
  });

  it('gives a terminal of the size asked for, and a login shell in it', async () => {
    const result = await asDeploy('tty; stty size; echo $TERM; exit 4', { args: ['-tt'] });
    expect(result.stdout).toMatch(/^\/dev\/pts\/\d+\r\n\d+ \d+\r\n/);
    expect(result.code).toBe(4);
    const shell = await ssh({
      destination: 'deploy@127.0.0.1',
      port,
      privateKeyFile,
      args: ['-tt'],
      input: 'echo $((6*7)); exit 5\n',
    });
    expect(shell.stdout).toContain('42\r\n');
    expect(shell.code).toBe(5);
  });

  it('has no subsystems', async () => {
    const result = await ssh({ destination: 'deploy@127.0.0.1', port, privateKeyFile, args: ['-s'], command: 'sftp' });
    expect(result.code).not.toBe(0);
  });

  it('passes on signals both ways, and changes of the window', async () => {
    const client = new ssh2.Client();
    await new Promise<void>((resolve, reject) => {
      client.once('ready', resolve).once('error', reject);
      client.connect({ host: '127.0.0.1', port, username: 'root', password });
    });
    const signalled = await new Promise<unknown[]>((resolve, reject) => {
      client.exec('echo ready; exec sleep 600', (error, channel) => {
        if (error) {
          reject(error);
          return;
        }
        channel.once('data', () => {
          channel.signal('TERM');
        });
        channel.once('exit', (...exit: unknown[]) => {
          resolve(exit);
        });
      });
    });
    expect(signalled.slice(0, 2)).toEqual([null, 'SIGTERM']);

    const sizes = await new Promise<string>((resolve, reject) => {
      const command = 'trap "stty size; exit" WINCH; stty size; echo ready; while :; do sleep 0.05; done';
      client.exec(command, { pty: { rows: 30, cols: 100 } }, (error, channel) => {
        if (error) {
          reject(error);
          return;
        }
        let seen = '';
        let resized = false;
        channel.on('data', (data: Buffer) => {
          seen += data.toString();
          if (resized || !seen.includes('ready')) return;
          resized = true;
          channel.setWindow(40, 120, 0, 0);
        });
        channel.once('close', () => {
          resolve(seen);
        });
      });
    });
    expect(sizes).toBe('30 100\r\nready\r\n40 120\r\n');
    client.end();
  });

  it('leaves alone what a command left in the background', async () => {
    const marker = `7${Date.now() % 10_000_000}`;
    const command = `sleep ${marker} >/dev/null 2>&1 </dev/null & echo $!`;
    const pid = Number((await asDeploy(command)).stdout);
    const found = async () => (await run('pgrep', ['-xf', `sleep ${marker}`])).stdout.trim();
    await waitFor(async () => (await found()) !== '', { what: 'the command to begin' });
    expect(await found()).toBe(String(pid));
    process.kill(pid);
  });

  it('ends what it runs when the client goes away', async () => {
    const marker = `6${Date.now() % 10_000_000}`;
    const client = new ServerProcess('ssh', [
      ...['-F', 'none', '-p', String(port), '-i', privateKeyFile, '-o', 'StrictHostKeyChecking=no'],
      ...['-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR', 'deploy@127.0.0.1', `sleep ${marker}`],
    ]);
    const running = async () => (await run('pgrep', ['-xf', `sleep ${marker}`])).code === 0;
    await waitFor(running, { what: 'the process to begin' });
    await client.stop({ signal: 'SIGKILL' });
    await waitFor(async () => !(await running()), { what: 'the process to end' });
  });
});
