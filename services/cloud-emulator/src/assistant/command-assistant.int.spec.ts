import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@sallyport/testing';
import { expect, it } from 'vitest';
import type { Instance } from '../instances/instance.js';
import { CommandAssistant } from './command-assistant.js';
import type { CredentialChange } from './cloud-assistant.js';

function instanceWith(command: string[]): Instance {
  return {
    ...{ instanceId: 'i-1', name: 'n', regionId: 'r', address: '127.0.0.1', port: 22, osType: 'linux' },
    ...{ status: 'Running', tags: [], createdAt: new Date().toISOString(), assistant: { command } },
  };
}

const script = (code: string): string[] => [process.execPath, '-e', code];
const password: CredentialChange = { subType: 'Password', userName: 'root', password: 's3cret "\\' };

it.each<[string, CredentialChange]>([
  ['a password', password],
  ['a key', { subType: 'SSHKey', userName: 'deploy', publicKey: 'ssh-rsa B', previousPublicKey: 'ssh-rsa A' }],
])('gives the command %s as JSON on standard input', async (_what, change) => {
  const file = join(tempDir(), 'seen');
  const code = `require('fs').writeFileSync(${JSON.stringify(file)}, require('fs').readFileSync(0))`;
  await new CommandAssistant().change(instanceWith(script(code)), change);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ instanceId: 'i-1', ...change });
});

it.each<[string, string[], RegExp, number?]>([
  ['another exit status', script('process.exit(3)'), /status 3/],
  ['a command that is not there', ['/nonexistent/command'], /could not be started/],
  ['a command that does not end', ['sleep', '600'], /SIGKILL/, 200],
])('fails for %s, without the credential in the message', async (_what, command, message, timeoutMs) => {
  const failed = await new CommandAssistant(timeoutMs)
    .change(instanceWith(command), password)
    .catch((error: unknown) => error);
  expect((failed as Error).message).toMatch(message);
  expect((failed as Error).message).not.toContain('s3cret');
});

it('passes the arguments as they are, through no shell', async () => {
  const file = join(tempDir(), 'a b;$(x)');
  const code = 'require("fs").writeFileSync(process.argv[1], "")';
  await new CommandAssistant().change(instanceWith([...script(code), file]), password);
  expect(existsSync(file)).toBe(true);
});
