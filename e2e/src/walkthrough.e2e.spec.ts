import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canRunSshd, run, tempDir, type RunResult } from '@sallyport/testing';
import { describe, expect, it } from 'vitest';
import { startRealHost } from './support/real-host.js';
import { home } from './support/sallyport.js';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const block = /^```bash\n([\s\S]*?)^```/m.exec(readme.slice(readme.indexOf('<!-- walkthrough')))?.[1] ?? '';

/** The commands of the README, as they stand, in a shell of their own. */
function walkThrough(env: Record<string, string> = {}): Promise<RunResult> {
  const knownHosts = join(tempDir(), 'known_hosts');
  return run('bash', ['-c', block], {
    env: { SALLYPORT_HOME: home, KNOWN_HOSTS: knownHosts, SSH_AUTH_SOCK: undefined, ...env },
    timeoutMs: 240_000,
  });
}

function expectTheStory({ code, stdout, stderr }: RunResult): void {
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('logged on to ');
  expect(stdout).toContain('logged on again');
  expect(stderr).toContain('secret.deleted');
  expect(stdout).toContain('refused, as it should be');
  for (const type of ['session.opened', 'credential.released', 'secret.deleted', 'account.imported'])
    expect(stdout).toContain(`io.sallyport.${type}.v1`);
}

const { ok, ...why } = canRunSshd();

describe('the walkthrough of the README', () => {
  it('does what it says, on a simulated instance', async () => {
    expect(block).toContain('call POST /kms/secrets');
    expectTheStory(await walkThrough());
  });

  it.skipIf(!ok)(`does what it says, on a real sshd with a real account ${JSON.stringify(why)}`, async () => {
    const host = await startRealHost([{ name: 'ops' }]);
    expectTheStory(await walkThrough({ INSTANCE: host.instanceId }));
    expect(host.sshd.log().filter((line) => line.startsWith('Accepted password for ops'))).toHaveLength(2);
    await host.sshd.stop();
  });
});
