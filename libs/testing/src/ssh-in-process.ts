import { readFileSync } from 'node:fs';
import { Client } from 'ssh2';
import type { RunResult } from './run.js';
import type { SshOptions } from './ssh-client.js';

/**
 * Logs on with a key and runs one command, as `ssh` does, in this process and at a fraction of what starting `ssh` costs:
 * for tests whose load must come from the same cores as what they load. Any host key is trusted.
 * @returns exit code 255 and the reason in `stderr` where the connection itself failed; banners are in `stderr` too
 */
export function sshInProcess({
  destination,
  port,
  command = '',
  privateKeyFile = '',
  timeoutMs = 90_000,
}: Pick<SshOptions, 'destination' | 'port' | 'command' | 'privateKeyFile' | 'timeoutMs'>): Promise<RunResult> {
  const at = destination.lastIndexOf('@');
  const client = new Client();
  const said = { stdout: '', stderr: '' };
  return new Promise((resolve) => {
    const end = (code: number | null, signal: NodeJS.Signals | null, why = ''): void => {
      clearTimeout(timer);
      resolve({ code, signal, stdout: said.stdout, stderr: said.stderr + why });
      client.end();
    };
    const fail = (why: string): void => {
      end(255, null, why);
    };
    const timer = setTimeout(fail, timeoutMs, `did not end within ${timeoutMs} ms`);
    client.on('error', ({ message }) => {
      fail(message);
    });
    client.on('close', () => {
      fail('the connection was closed');
    });
    client.on('banner', (text) => (said.stderr += text));
    client.on('ready', () => {
      client.exec(command, (error, channel) => {
        if (error) {
          fail(error.message);
          return;
        }
        channel.on('data', (bytes: Buffer) => (said.stdout += bytes.toString()));
        channel.stderr.on('data', (bytes: Buffer) => (said.stderr += bytes.toString()));
        channel.on('close', end);
        channel.end();
      });
    });
    client.connect({
      host: destination.slice(at + 1),
      port,
      username: destination.slice(0, at),
      privateKey: readFileSync(privateKeyFile),
      readyTimeout: timeoutMs,
      algorithms: { kex: ['curve25519-sha256'] },
    });
  });
}
